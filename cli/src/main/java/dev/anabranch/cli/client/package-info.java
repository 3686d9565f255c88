// SPDX-License-Identifier: Apache-2.0
/** The directory, as the command line speaks to it: HTTP alone. */
@NullMarked
package dev.anabranch.cli.client;

import org.jspecify.annotations.NullMarked;
