// SPDX-License-Identifier: Apache-2.0
/** The group's schema at the head of the application's migrations before anybody uses it. */
@NullMarked
package dev.anabranch.spring.migrate;

import org.jspecify.annotations.NullMarked;
