// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import org.jspecify.annotations.Nullable;

/**
 * A trigger.
 *
 * @param table the table or view
 * @param name its name
 * @param definition the statement that makes it
 * @param state whether and when it fires
 * @param comment the comment on it
 */
public record Trigger(String table, String name, String definition, State state, @Nullable String comment)
        implements SchemaObject {
    /** Whether and when a trigger fires. */
    public enum State {
        /** Always but in replication. */
        ENABLED("ENABLE"),
        /** Never. */
        DISABLED("DISABLE"),
        /** In replication only. */
        REPLICA("ENABLE REPLICA"),
        /** Always. */
        ALWAYS("ENABLE ALWAYS");

        private final String words;

        State(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }
    }

    @Override
    public ObjectId id() {
        return new ObjectId(Kind.TRIGGER, table, name);
    }

    Trigger named(String newTable, String newDefinition) {
        return new Trigger(newTable, name, newDefinition, state, comment);
    }
}
