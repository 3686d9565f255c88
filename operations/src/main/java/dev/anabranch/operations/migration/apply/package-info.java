// SPDX-License-Identifier: Apache-2.0
/** One schema on one database: its roles, its history, and the way to head. */
@NullMarked
package dev.anabranch.operations.migration.apply;

import org.jspecify.annotations.NullMarked;
