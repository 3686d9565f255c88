// SPDX-License-Identifier: Apache-2.0
/** Accounts, sessions and API keys: a service whose schema is its own, on a database that it shares. */
@NullMarked
package dev.anabranch.examples.auth;

import org.jspecify.annotations.NullMarked;
