// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongPredicate;

/** What a statement did to relations that were there before, as a comparison of the scratch schema tells. */
final class TraceFindings {
    private static final Map<String, String> MODES = Map.of(
            "ShareLock", "SHARE",
            "ShareRowExclusiveLock", "SHARE ROW EXCLUSIVE",
            "ExclusiveLock", "EXCLUSIVE",
            "AccessExclusiveLock", "ACCESS EXCLUSIVE");
    private static final Set<String> TABLES = Set.of("r", "p", "f");
    private static final Set<String> INDEXES = Set.of("i", "I");

    private final ReadStatement statement;
    private final ScratchState before;
    private final ScratchState after;
    private final Findings findings;
    private final LongPredicate existed;

    TraceFindings(
            ReadStatement statement, ScratchState before, ScratchState after, Findings findings, LongPredicate existed) {
        this.statement = statement;
        this.before = before;
        this.after = after;
        this.findings = findings;
        this.existed = existed;
    }

    void judge(boolean runnerSetsTimeouts) {
        outside();
        boolean rewritten = rewrites();
        if (!rewritten && !changesTimestamps()) {
            // The rule knows the common types; here the server has said that this one needs no rewrite.
            findings.remove(LintRule.TYPE_CHANGE_REWRITES, statement);
        }
        boolean hidden = switch (statement.ddl()) {
            case Ddl.Opaque ignored -> true;
            case Ddl.Rows ignored -> true;
            case Ddl.Other ignored -> true;
            case Ddl.Create ignored -> true;
            case Ddl.CreateTable ignored -> false;
            case Ddl.CreateIndex ignored -> false;
            case Ddl.AlterTable ignored -> false;
            case Ddl.Drop ignored -> false;
            case Ddl.Rename ignored -> false;
            case Ddl.Reindex ignored -> false;
            case Ddl.Heavy ignored -> false;
        };
        if (!hidden) {
            return;
        }
        Set<String> locks = locks();
        boolean opaque = statement.ddl() instanceof Ddl.Opaque || statement.ddl() instanceof Ddl.Rows;
        if (opaque && !specifics() && !rewritten && !locks.isEmpty()) {
            add(LintRule.LOCK_IN_BODY, "It takes a lock: " + String.join(", ", locks));
        }
        if (!locks.isEmpty()
                && !runnerSetsTimeouts
                && statement.file().isTransactional()
                && !TimeoutRule.isSetBefore(statement)
                && statement.file().statements().stream()
                        .noneMatch(one -> findings.has(LintRule.MISSING_TIMEOUT, one))) {
            findings.traced(
                    LintRule.MISSING_TIMEOUT,
                    statement,
                    "It takes a lock, " + String.join(", ", locks) + ", and no lock_timeout is set in the file",
                    Written.TIMEOUT + statement.text() + ";");
        }
    }

    private void add(LintRule rule, String what) {
        if (!findings.has(rule, statement)) {
            findings.traced(rule, statement, what, null);
        }
    }

    private void outside() {
        Set<String> touched = new TreeSet<>(after.outside());
        touched.removeAll(before.outside());
        if (!touched.isEmpty()
                && !findings.has(LintRule.NEIGHBOUR_REFERENCE, statement)
                && !findings.has(LintRule.OWN_SCHEMA_NAMED, statement)) {
            add(LintRule.FOREIGN_SCHEMA, "It touches " + String.join(", ", touched));
        }
    }

    /** Tables and indexes whose rows lie in another file now. */
    private boolean rewrites() {
        boolean any = false;
        if (statement.ddl() instanceof Ddl.Heavy || statement.ddl() instanceof Ddl.Reindex) {
            return true;
        }
        for (var entry : before.relations().entrySet()) {
            ScratchState.Relation now = after.relations().get(entry.getKey());
            if (now == null || now.file() == entry.getValue().file() || !existed.test(entry.getKey())) {
                continue;
            }
            any = true;
            boolean index = INDEXES.contains(now.kind());
            add(rewriteRule(), "It writes the " + (index ? "index " : "table ") + now.name() + " anew");
        }
        return any;
    }

    private LintRule rewriteRule() {
        if (statement.ddl() instanceof Ddl.AlterTable alter) {
            for (Ddl.Change change : alter.changes()) {
                if (change instanceof Ddl.Change.AlterType) {
                    return LintRule.TYPE_CHANGE_REWRITES;
                }
                if (change instanceof Ddl.Change.AddColumn add) {
                    return add.column().defaultText() == null || findings.has(LintRule.COLUMN_REWRITES, statement)
                            ? LintRule.COLUMN_REWRITES : LintRule.VOLATILE_DEFAULT;
                }
            }
        }
        return LintRule.TABLE_REWRITES;
    }

    /** Between them a change is free in a session whose time zone is UTC, and a rewrite in any other. */
    private boolean changesTimestamps() {
        return statement.ddl() instanceof Ddl.AlterTable alter
                && alter.changes().stream()
                        .anyMatch(change -> change instanceof Ddl.Change.AlterType type && type.type().startsWith("timestamp"));
    }

    /** What a rule has a name for; whether there was any. */
    private boolean specifics() {
        boolean any = false;
        for (var entry : after.relations().entrySet()) {
            ScratchState.Relation now = entry.getValue();
            boolean made = !before.relations().containsKey(entry.getKey());
            if (made && INDEXES.contains(now.kind()) && existed.test(now.table()) && !isOfConstraint(entry.getKey())) {
                add(LintRule.INDEX_NOT_CONCURRENT, "It makes the index " + now.name() + " on " + nameOf(now.table()));
                any = true;
            }
        }
        for (var entry : before.relations().entrySet()) {
            ScratchState.Relation old = entry.getValue();
            ScratchState.Relation now = after.relations().get(entry.getKey());
            if (now == null && INDEXES.contains(old.kind()) && existed.test(old.table())
                    && after.relations().containsKey(old.table())) {
                add(LintRule.DROP_INDEX_NOT_CONCURRENT, "It drops the index " + old.name());
                any = true;
            } else if (now == null && !INDEXES.contains(old.kind()) && existed.test(entry.getKey())) {
                add(LintRule.DROP_BREAKS_CODE, "It drops " + old.name());
                any = true;
            } else if (now != null && !now.name().equals(old.name()) && !INDEXES.contains(old.kind())
                    && existed.test(entry.getKey())) {
                add(LintRule.RENAME_BREAKS_CODE, "It renames " + old.name() + " to " + now.name());
                any = true;
            }
        }
        boolean constraints = constraints();
        boolean columns = columns();
        return constraints || columns || any;
    }

    private boolean constraints() {
        boolean any = false;
        for (var entry : after.constraints().entrySet()) {
            ScratchState.Constraint now = entry.getValue();
            if (before.constraints().containsKey(entry.getKey()) || !existed.test(now.table())) {
                continue;
            }
            LintRule rule = switch (now.kind()) {
                case "f" -> now.validated() ? LintRule.FOREIGN_KEY_VALIDATED : null;
                case "c" -> now.validated() ? LintRule.CHECK_VALIDATED : null;
                case "p", "u", "x" -> before.relations().containsKey(now.index()) ? null : LintRule.UNIQUE_NOT_USING_INDEX;
                default -> null;
            };
            if (rule != null) {
                add(rule, "It adds the constraint " + now.name() + " to " + nameOf(now.table()));
                any = true;
            }
        }
        return any;
    }

    private boolean columns() {
        boolean any = false;
        for (var entry : before.columns().entrySet()) {
            ScratchState.Column old = entry.getValue();
            ScratchState.Column now = after.columns().get(entry.getKey());
            if (now == null || old.dropped() || !existed.test(old.table())) {
                continue;
            }
            String what = nameOf(old.table()) + "." + old.name();
            if (now.dropped()) {
                add(LintRule.DROP_BREAKS_CODE, "It drops the column " + what);
                any = true;
            } else if (!now.name().equals(old.name())) {
                add(LintRule.RENAME_BREAKS_CODE, "It renames the column " + what + " to " + now.name());
                any = true;
            } else if (now.notNull() && !old.notNull() && !before.provesNotNull(old.table(), old.name())) {
                add(LintRule.SET_NOT_NULL_UNCHECKED, "It makes " + what + " NOT NULL");
                any = true;
            }
        }
        return any;
    }

    private boolean isOfConstraint(long index) {
        return after.constraints().values().stream().anyMatch(one -> one.index() == index && !one.kind().equals("f"));
    }

    private String nameOf(long table) {
        ScratchState.Relation relation = after.relations().getOrDefault(table, before.relations().get(table));
        return relation == null ? "a table" : relation.name();
    }

    /** Strong locks that are new, and those that a changed definition needs. */
    private Set<String> locks() {
        Set<String> modes = new TreeSet<>();
        Set<Long> seen = new TreeSet<>();
        for (String lock : after.locks()) {
            List<String> parts = List.of(lock.split(" "));
            long oid = Long.parseLong(parts.getFirst());
            ScratchState.Relation relation = before.relations().get(oid);
            if (!before.locks().contains(lock) && relation != null && TABLES.contains(relation.kind()) && existed.test(oid)) {
                modes.add(MODES.getOrDefault(parts.getLast(), parts.getLast()) + " on " + relation.name());
                seen.add(oid);
            }
        }
        before.relations().forEach((oid, old) -> {
            ScratchState.Relation now = after.relations().get(oid);
            if (TABLES.contains(old.kind()) && existed.test(oid) && !seen.contains(oid)
                    && (now == null || !now.definition().equals(old.definition()))) {
                modes.add("ACCESS EXCLUSIVE on " + old.name());
            }
        });
        return modes;
    }
}
