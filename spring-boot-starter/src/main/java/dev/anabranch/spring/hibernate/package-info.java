// SPDX-License-Identifier: Apache-2.0
/** Hibernate above a routing {@code DataSource}: the dialect, the guard of the shard key, and the traps refused at start. */
@NullMarked
package dev.anabranch.spring.hibernate;

import org.jspecify.annotations.NullMarked;
