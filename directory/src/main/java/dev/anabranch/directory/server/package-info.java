// SPDX-License-Identifier: Apache-2.0
/** The directory service: knows where each tenant lives, and tells applications. */
@NullMarked
package dev.anabranch.directory.server;

import org.jspecify.annotations.NullMarked;
