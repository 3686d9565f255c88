// SPDX-License-Identifier: Apache-2.0
/** Who is calling, and what a role may do. */
@NullMarked
package dev.anabranch.directory.server.security;

import org.jspecify.annotations.NullMarked;
