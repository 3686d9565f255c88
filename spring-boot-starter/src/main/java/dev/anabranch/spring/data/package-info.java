// SPDX-License-Identifier: Apache-2.0
/** What Spring Data's repositories tell routers. */
@NullMarked
package dev.anabranch.spring.data;

import org.jspecify.annotations.NullMarked;
