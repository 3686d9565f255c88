// SPDX-License-Identifier: Apache-2.0
/** Plans, subscriptions and invoices: a service whose schema is its own, on a database that it shares. */
@NullMarked
package dev.anabranch.examples.billing;

import org.jspecify.annotations.NullMarked;
