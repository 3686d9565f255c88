// SPDX-License-Identifier: Apache-2.0
/** What is unsafe in a file of migrations, why, and how to write it instead. */
@NullMarked
package dev.anabranch.operations.migration.lint;

import org.jspecify.annotations.NullMarked;
