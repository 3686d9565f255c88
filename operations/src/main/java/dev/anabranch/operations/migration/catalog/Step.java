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
 * @param unsafe why it is unsafe, where there is no safe form of it; null where it is safe
 */
public record Step(
        Phase phase, String object, String sql, @Nullable String lost, @Nullable String question, @Nullable Unsafe unsafe) {
    /**
     * That a statement is unsafe and is meant.
     *
     * @param rule the id of lint's rule that it breaks: {@code drop-breaks-code}
     * @param reason why it stands here nevertheless, as the part of a sentence after "because"
     */
    public record Unsafe(String rule, String reason) {}

    /** A safe one. */
    public Step(Phase phase, String object, String sql, @Nullable String lost, @Nullable String question) {
        this(phase, object, sql, lost, question, null);
    }

    /** Whether data or a definition is lost by it. */
    public boolean isDestructive() {
        return lost != null;
    }

    /** What a person should look at before it runs. */
    public Optional<String> asks() {
        return Optional.ofNullable(question);
    }

    /** Why lint has to allow it. */
    public Optional<Unsafe> allowance() {
        return Optional.ofNullable(unsafe);
    }
}
