// SPDX-License-Identifier: Apache-2.0
/** Tells subscribers of each new revision. */
@NullMarked
package dev.anabranch.directory.server.stream;

import org.jspecify.annotations.NullMarked;
