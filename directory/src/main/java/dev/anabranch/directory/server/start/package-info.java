// SPDX-License-Identifier: Apache-2.0
/** What happens once when a node starts: meta database, first token, port file, clear errors. */
@NullMarked
package dev.anabranch.directory.server.start;

import org.jspecify.annotations.NullMarked;
