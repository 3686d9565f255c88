// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import org.jspecify.annotations.Nullable;

/** One thing that a schema holds. */
public sealed interface SchemaObject
        permits Table, Column, Constraint, Index, Sequence, View, Routine, Trigger, Policy, Statistics, SchemaType {
    /** Its name. */
    ObjectId id();

    /** The comment on it; null without one. */
    @Nullable String comment();
}
