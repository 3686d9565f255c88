// SPDX-License-Identifier: Apache-2.0
/** Several groups side by side: data sources, entities, repositories and transactions of each, out of properties alone. */
@NullMarked
package dev.anabranch.spring.group;

import org.jspecify.annotations.NullMarked;
