// SPDX-License-Identifier: Apache-2.0
@NullMarked
package dev.anabranch.spring.group.crossed.reviews;

import org.jspecify.annotations.NullMarked;
