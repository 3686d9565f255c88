// SPDX-License-Identifier: Apache-2.0
/** What routing costs, beside a bare pool, in one run. */
@NullMarked
package dev.anabranch.benchmarks;

import org.jspecify.annotations.NullMarked;
