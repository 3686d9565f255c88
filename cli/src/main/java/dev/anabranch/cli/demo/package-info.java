// SPDX-License-Identifier: Apache-2.0
/** The main job, end to end: real requests, three real databases, counted. */
@NullMarked
package dev.anabranch.cli.demo;

import org.jspecify.annotations.NullMarked;
