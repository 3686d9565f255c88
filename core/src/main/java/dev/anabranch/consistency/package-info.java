// SPDX-License-Identifier: Apache-2.0
/** What a caller has written, how far each replica is, and so which server may answer a read. */
@NullMarked
package dev.anabranch.consistency;

import org.jspecify.annotations.NullMarked;
