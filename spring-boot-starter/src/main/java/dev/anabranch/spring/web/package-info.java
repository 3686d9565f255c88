// SPDX-License-Identifier: Apache-2.0
/** The tenant of an HTTP request, and problem details for what fails. */
@NullMarked
package dev.anabranch.spring.web;

import org.jspecify.annotations.NullMarked;
