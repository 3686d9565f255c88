// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One statement on the way from one schema to another.
 *
 * @param phase when it runs
 * @param object what it changes, as people name it: {@code table plan}, {@code column plan.price}, {@code index plan_name_idx}
 * @param sql the statement, without a semicolon and without the schema's name
 * @param lost what is lost by it, as a sentence's part: {@code the rows of the table plan}; null where nothing is
 * @param question what a person should look at before it runs, such as a rename it may be; null where nothing
 */
public record Step(Phase phase, String object, String sql, @Nullable String lost, @Nullable String question) {
    /** Whether data or a definition is lost by it. */
    public boolean isDestructive() {
        return lost != null;
    }

    /** What a person should look at before it runs. */
    public Optional<String> asks() {
        return Optional.ofNullable(question);
    }
}
