// SPDX-License-Identifier: Apache-2.0
/** Products and their reviews: two groups in one service, which may be in one database or in two. */
@NullMarked
package dev.anabranch.examples.reviews;

import org.jspecify.annotations.NullMarked;
