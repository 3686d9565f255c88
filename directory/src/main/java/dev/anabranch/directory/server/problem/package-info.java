// SPDX-License-Identifier: Apache-2.0
/** Every error as problem details (RFC 9457), with a stable code and next steps. */
@NullMarked
package dev.anabranch.directory.server.problem;

import org.jspecify.annotations.NullMarked;
