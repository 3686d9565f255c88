// SPDX-License-Identifier: Apache-2.0
/** Whose data it is: the tenant's id, and how it is bound to the code that runs for it. */
@NullMarked
package dev.anabranch.tenant;

import org.jspecify.annotations.NullMarked;
