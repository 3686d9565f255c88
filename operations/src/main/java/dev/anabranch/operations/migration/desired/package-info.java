// SPDX-License-Identifier: Apache-2.0
/** What a schema shall hold, and the next file of migrations that leads there. */
@NullMarked
package dev.anabranch.operations.migration.desired;

import org.jspecify.annotations.NullMarked;
