// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import org.jspecify.annotations.Nullable;

/**
 * One end of a relation between rows: of a foreign key, or of an association between entities.
 *
 * @param group the group whose table it is
 * @param name the table or the entity, as messages name it, for example {@code Review.product}
 * @param entity the entity's class; null for a table
 */
public record RelationEnd(String group, String name, @Nullable Class<?> entity) {}
