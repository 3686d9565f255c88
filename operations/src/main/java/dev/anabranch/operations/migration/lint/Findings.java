// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

import dev.anabranch.operations.migration.files.MigrationFile;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where rules put what they find. */
final class Findings {
    /** A finding and its statement's place, or a file's place for what has no statement. */
    record Found(Finding finding, @Nullable ReadStatement statement) {}

    private final List<Found> found = new ArrayList<>();
    private final List<Found> takenBack = new ArrayList<>();

    /**
     * @param what what is wrong here: one sentence without a full stop
     * @param rewrite SQL to write instead, or null
     */
    void add(LintRule rule, ReadStatement statement, String what, @Nullable String rewrite) {
        add(rule, statement, what, rewrite, false);
    }

    /** What was seen on a scratch copy. */
    void traced(LintRule rule, ReadStatement statement, String what, @Nullable String rewrite) {
        add(rule, statement, what, rewrite, true);
    }

    /** What no comment allows, whatever the rule's own severity is. */
    void refused(LintRule rule, ReadStatement statement, String what) {
        var finding = new Finding(
                rule, Severity.ERROR, statement.file().file().fileName(), statement.line(), statement.brief(),
                what + ". " + rule.reason(), null);
        found.add(new Found(finding, statement));
    }

    /** What PostgreSQL refuses, on a line of the statement. */
    void fails(ReadStatement statement, int line, String what) {
        var finding = new Finding(
                LintRule.STATEMENT_FAILS, Severity.ERROR, statement.file().file().fileName(), line, statement.brief(),
                what + ". " + LintRule.STATEMENT_FAILS.reason(), null);
        found.add(new Found(finding, statement));
    }

    private void add(LintRule rule, ReadStatement statement, String what, @Nullable String rewrite, boolean traced) {
        String where = traced ? " (seen on a scratch copy)" : "";
        var finding = new Finding(
                rule, rule.severity(), statement.file().file().fileName(), statement.line(), statement.brief(),
                what + where + ". " + rule.reason(), rewrite);
        found.add(new Found(finding, statement));
    }

    /** About a file, or a place in it that is no statement. */
    void add(LintRule rule, String file, int line, String what) {
        found.add(new Found(
                new Finding(rule, rule.severity(), file, line, "", what + ". " + rule.reason(), null), null));
    }

    void add(LintRule rule, MigrationFile file, String what) {
        add(rule, file.fileName(), 1, what);
    }

    boolean has(LintRule rule, ReadStatement statement) {
        return found.stream()
                .anyMatch(one -> one.statement() == statement && one.finding().rule() == rule);
    }

    /** Takes back what turned out to be harmless. */
    void remove(LintRule rule, ReadStatement statement) {
        List<Found> harmless = found.stream()
                .filter(one -> one.statement() == statement && one.finding().rule() == rule)
                .toList();
        found.removeAll(harmless);
        takenBack.addAll(harmless);
    }

    /** What was taken back; a comment that allows it is of use where there is no scratch copy. */
    List<Found> takenBack() {
        return List.copyOf(takenBack);
    }

    List<Found> all() {
        return List.copyOf(found);
    }
}
