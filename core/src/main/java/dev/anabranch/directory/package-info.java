// SPDX-License-Identifier: Apache-2.0
/** Where the topology comes from: a file, the environment, or the directory service. */
@NullMarked
package dev.anabranch.directory;

import org.jspecify.annotations.NullMarked;
