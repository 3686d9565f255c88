// SPDX-License-Identifier: Apache-2.0
/** SQL text as a person wrote it, split into its statements. */
@NullMarked
package dev.anabranch.operations.migration.sql;

import org.jspecify.annotations.NullMarked;
