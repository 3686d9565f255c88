// SPDX-License-Identifier: Apache-2.0
/** A tenant-scoped HTTP API over JPA. Nothing in it knows how many databases there are. */
@NullMarked
package dev.anabranch.examples.people;

import org.jspecify.annotations.NullMarked;
