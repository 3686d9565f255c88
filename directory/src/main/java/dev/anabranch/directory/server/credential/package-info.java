// SPDX-License-Identifier: Apache-2.0
/** Passwords of databases: encrypted at rest, or references that are resolved when asked for. */
@NullMarked
package dev.anabranch.directory.server.credential;

import org.jspecify.annotations.NullMarked;
