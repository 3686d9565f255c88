// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.reviews.reviews;

/** How far a review has come. */
enum Status {
    /** Written, and not listed for the public yet. */
    DRAFT,
    /** Seen by all. */
    PUBLISHED,
    /** Turned down by an editor. */
    REJECTED
}
