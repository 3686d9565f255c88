// SPDX-License-Identifier: Apache-2.0
/** What the guides show. */
@NullMarked
package dev.anabranch.spring.snippet;

import org.jspecify.annotations.NullMarked;
