// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.hibernate;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks an entity of a sharded group that belongs to no tenant: its table has no shard key.
 *
 * <p>Each shard has rows of its own in such a table, and all tenants of a shard share them. Without this annotation an
 * entity that does not map the shard key is refused at start. Where the class cannot carry it, name the class in
 * {@code anabranch.jpa.without-shard-key}.
 */
@Documented
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface NoShardKey {
    /** Why the rows belong to no tenant. */
    String value();
}
