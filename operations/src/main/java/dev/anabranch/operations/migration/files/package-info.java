// SPDX-License-Identifier: Apache-2.0
/** A group's versioned files of SQL, in order. */
@NullMarked
package dev.anabranch.operations.migration.files;

import org.jspecify.annotations.NullMarked;
