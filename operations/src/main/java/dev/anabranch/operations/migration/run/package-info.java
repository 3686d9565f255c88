// SPDX-License-Identifier: Apache-2.0
/** The schemas of many databases brought to head by a frozen plan. */
@NullMarked
package dev.anabranch.operations.migration.run;

import org.jspecify.annotations.NullMarked;
