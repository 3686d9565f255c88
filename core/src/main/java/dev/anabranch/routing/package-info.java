// SPDX-License-Identifier: Apache-2.0
/**
 * From a tenant to a connection: a {@link javax.sql.DataSource} whose connections decide at their first statement which
 * database they belong to.
 */
@NullMarked
package dev.anabranch.routing;

import org.jspecify.annotations.NullMarked;
