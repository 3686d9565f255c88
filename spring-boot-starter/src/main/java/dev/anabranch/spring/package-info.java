// SPDX-License-Identifier: Apache-2.0
/** Spring Boot's configuration of the library: properties, the {@code DataSource}, executors that hand the tenant over. */
@NullMarked
package dev.anabranch.spring;

import org.jspecify.annotations.NullMarked;
