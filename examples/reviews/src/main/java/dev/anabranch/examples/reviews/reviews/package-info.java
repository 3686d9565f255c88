// SPDX-License-Identifier: Apache-2.0
/** What is said of it: the group {@code reviews}. A product is known here by its number alone. */
@NullMarked
package dev.anabranch.examples.reviews.reviews;

import org.jspecify.annotations.NullMarked;
