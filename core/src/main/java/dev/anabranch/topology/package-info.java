// SPDX-License-Identifier: Apache-2.0
/** Which databases and groups there are, and where a group keeps each tenant. */
@NullMarked
package dev.anabranch.topology;

import org.jspecify.annotations.NullMarked;
