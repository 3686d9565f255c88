// SPDX-License-Identifier: Apache-2.0
@NullMarked
package dev.anabranch.spring.group.crossed.catalog;

import org.jspecify.annotations.NullMarked;
