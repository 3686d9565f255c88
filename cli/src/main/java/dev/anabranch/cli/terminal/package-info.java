// SPDX-License-Identifier: Apache-2.0
/** What a person or a script sees: streams, tables, progress, exit codes. */
@NullMarked
package dev.anabranch.cli.terminal;

import org.jspecify.annotations.NullMarked;
