// SPDX-License-Identifier: Apache-2.0
/** Schemas made up from a seed, and changed into related ones: the input of property tests. */
@NullMarked
package dev.anabranch.operations.migration.desired.random;

import org.jspecify.annotations.NullMarked;
