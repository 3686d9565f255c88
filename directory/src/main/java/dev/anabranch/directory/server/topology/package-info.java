// SPDX-License-Identifier: Apache-2.0
/** The rules: which databases, groups and placements there may be, and what a change of them would do. */
@NullMarked
package dev.anabranch.directory.server.topology;

import org.jspecify.annotations.NullMarked;
