// SPDX-License-Identifier: Apache-2.0
@NullMarked
package dev.anabranch.spring.group.shop.reviews;

import org.jspecify.annotations.NullMarked;
