// SPDX-License-Identifier: Apache-2.0
/** Processes that live no longer than this one. */
@NullMarked
package dev.anabranch.cli.process;

import org.jspecify.annotations.NullMarked;
