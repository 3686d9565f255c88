// SPDX-License-Identifier: Apache-2.0
/** The one unchecked exception of the library, and its stable codes. */
@NullMarked
package dev.anabranch.problem;

import org.jspecify.annotations.NullMarked;
