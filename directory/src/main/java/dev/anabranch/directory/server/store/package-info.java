// SPDX-License-Identifier: Apache-2.0
/** What the meta database holds, and the one way to change it. */
@NullMarked
package dev.anabranch.directory.server.store;

import org.jspecify.annotations.NullMarked;
