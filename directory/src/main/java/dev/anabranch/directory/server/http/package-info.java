// SPDX-License-Identifier: Apache-2.0
/** The HTTP API: a class for each noun. */
@NullMarked
package dev.anabranch.directory.server.http;

import org.jspecify.annotations.NullMarked;
