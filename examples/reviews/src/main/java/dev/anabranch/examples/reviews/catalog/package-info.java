// SPDX-License-Identifier: Apache-2.0
/** What is sold: the group {@code default}. */
@NullMarked
package dev.anabranch.examples.reviews.catalog;

import org.jspecify.annotations.NullMarked;
