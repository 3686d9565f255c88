// SPDX-License-Identifier: Apache-2.0
/** What a schema holds, read from PostgreSQL's catalog; two of them compared; the statements that lead from one to the other. */
@NullMarked
package dev.anabranch.operations.migration.catalog;

import org.jspecify.annotations.NullMarked;
