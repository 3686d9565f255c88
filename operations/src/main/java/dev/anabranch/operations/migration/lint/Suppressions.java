// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

import dev.anabranch.operations.migration.sql.SqlScript;
import dev.anabranch.operations.migration.sql.SqlToken;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Comments by which a person allows what a rule finds: {@code -- lint: allow index-not-concurrent because the table has 12
 * rows}. One before a statement, or in it, counts for that statement; one at the top of the file with an empty line before
 * the first statement counts for the whole file.
 */
final class Suppressions {
    private static final Pattern FORM = Pattern.compile(
            "(?is)^\\W*lint\\s*:\\s*allow\\s+([a-z_-]+(?:\\s*,\\s*[a-z_-]+)*)(?:\\s+because\\b\\s*(.*?))?\\W*$");
    private static final Pattern BEGINNING = Pattern.compile("(?is)^\\W*lint\\s*:.*");
    private static final Set<LintRule> NEVER = EnumSet.of(
            LintRule.EDITED_FILE, LintRule.MISSING_FILE, LintRule.UNREADABLE, LintRule.SUPPRESSION_UNUSED,
            LintRule.SUPPRESSION_WITHOUT_REASON);

    /** A comment: what it allows and where; the statement is null for the whole file. */
    private static final class Allowed {
        private final LintRule rule;
        private final int line;
        private final @Nullable ReadStatement statement;
        private boolean used;

        Allowed(LintRule rule, int line, @Nullable ReadStatement statement) {
            this.rule = rule;
            this.line = line;
            this.statement = statement;
        }
    }

    private final ReadFile file;
    private final List<Allowed> allowed = new ArrayList<>();

    Suppressions(ReadFile file, Findings out) {
        this.file = file;
        for (SqlToken token : file.tokens()) {
            if (token.kind() == SqlToken.Kind.COMMENT && BEGINNING.matcher(token.text()).matches()) {
                read(token, out);
            }
        }
    }

    private void read(SqlToken comment, Findings out) {
        int line = SqlScript.lineOf(file.file().sql(), comment.start());
        String name = file.file().fileName();
        Matcher parts = FORM.matcher(comment.text());
        if (!parts.matches()) {
            out.add(LintRule.SUPPRESSION_WITHOUT_REASON, name, line, "The comment allows nothing as it is written");
            return;
        }
        if (parts.group(2) == null || parts.group(2).isBlank()) {
            out.add(LintRule.SUPPRESSION_WITHOUT_REASON, name, line, "The comment gives no reason and allows nothing");
            return;
        }
        for (String id : parts.group(1).split(",", -1)) {
            Optional<LintRule> rule = LintRule.of(id.strip().toLowerCase(Locale.ROOT));
            if (rule.isEmpty() || NEVER.contains(rule.get())) {
                out.add(
                        LintRule.SUPPRESSION_UNUSED,
                        name,
                        line,
                        rule.isEmpty() ? "There is no rule " + id.strip() : "The rule " + id.strip() + " cannot be allowed away");
            } else {
                allowed.add(new Allowed(rule.get(), line, isForFile(comment) ? null : statementOf(comment)));
            }
        }
    }

    /** Whether it stands in the comments at the top, and an empty line follows them. */
    private boolean isForFile(SqlToken comment) {
        if (file.statements().isEmpty()) {
            return true;
        }
        int first = file.statements().getFirst().start();
        if (comment.start() > first) {
            return false;
        }
        // An empty line between this comment and the first statement cuts it off from the statement.
        String between = SqlScript.withoutComments(file.file().sql().substring(comment.end(), first));
        return Pattern.compile("\\R[ \\t]*\\R").matcher(file.file().sql().substring(comment.end(), first)).find()
                && between.isBlank();
    }

    private @Nullable ReadStatement statementOf(SqlToken comment) {
        return file.statements().stream()
                .filter(statement -> statement.end() > comment.start())
                .findFirst()
                .orElse(null);
    }

    /** Whether a person allows it. */
    boolean allow(Findings.Found found) {
        boolean any = false;
        for (Allowed one : allowed) {
            if (one.rule == found.finding().rule() && (one.statement == null || one.statement == found.statement())) {
                one.used = true;
                any = true;
            }
        }
        return any;
    }

    /** Tells of those that were of no use. */
    void tellUnused(Findings out) {
        for (Allowed one : allowed) {
            if (!one.used) {
                out.add(
                        LintRule.SUPPRESSION_UNUSED,
                        file.file().fileName(),
                        one.line,
                        "The comment allows " + one.rule.id() + ", which is not found there");
            }
        }
    }
}
