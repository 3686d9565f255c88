// SPDX-License-Identifier: Apache-2.0
/** The command line: a class for each noun, a method for each verb. */
@NullMarked
package dev.anabranch.cli;

import org.jspecify.annotations.NullMarked;
