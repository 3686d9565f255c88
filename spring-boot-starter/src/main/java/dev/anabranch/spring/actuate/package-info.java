// SPDX-License-Identifier: Apache-2.0
/** Health and meters for each database. */
@NullMarked
package dev.anabranch.spring.actuate;

import org.jspecify.annotations.NullMarked;
