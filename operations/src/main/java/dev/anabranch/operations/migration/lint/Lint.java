// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

import dev.anabranch.operations.migration.files.MigrationFile;
import dev.anabranch.operations.migration.lint.Findings.Found;
import dev.anabranch.topology.Flavor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds what is unsafe in a group's migrations: by rules over the statements as they are written, and, where there is a
 * database for it, by running them on a scratch copy and looking at what they do.
 */
public final class Lint {
    private static final List<Rule> RULES = List.of(
            new IndexRules(),
            new ConstraintRules(),
            new ColumnRules(),
            new RemovalRules(),
            new DataRules(),
            new NameRules(),
            new SessionRules(),
            new ShardRules(),
            new TimeoutRule());

    private final LintContext context;
    private final Findings findings = new Findings();
    private final List<String> notes = new ArrayList<>();

    private Lint(LintContext context) {
        this.context = context;
    }

    /**
     * Looks at the files.
     *
     * @throws dev.anabranch.problem.AnabranchException {@link dev.anabranch.problem.ErrorCode#MIGRATION_FAILED} where the
     *     scratch database cannot be used; a statement that fails there is a finding
     */
    public static LintReport of(LintContext context) {
        return new Lint(context).report();
    }

    private LintReport report() {
        FileRules.look(context, findings);
        if (context.flavor() != Flavor.POSTGRES) {
            notes.add("On " + context.flavor().id() + " only the names, the order and the checksums of the files are looked at;"
                    + " what the statements do is looked at on PostgreSQL alone");
            return new LintReport(sorted(findings.all()), notes);
        }
        List<ReadFile> files = new ArrayList<>();
        for (MigrationFile file : context.set().files()) {
            if (!FileRules.isReadable(file, findings)) {
                notes.add("The files from " + file.fileName() + " on were not looked at, because it cannot be read");
                break;
            }
            files.add(new ReadFile(file));
        }
        var situation = new Situation(context, new KnownSchema(context.schema()), findings);
        for (ReadFile file : files) {
            look(file, situation);
        }
        context.note().ifPresent(notes::add);
        if (context.scratch() != null) {
            Trace.look(context, context.scratch(), files, findings, notes);
        }
        return new LintReport(sorted(kept(files)), notes);
    }

    private void look(ReadFile file, Situation situation) {
        boolean reported = context.reports(file.file().version());
        for (ReadStatement statement : file.statements()) {
            if (reported) {
                RULES.forEach(rule -> rule.look(statement, situation));
            }
            situation.known().after(statement);
        }
        if (reported) {
            ShardRules.atEnd(file, situation);
        }
    }

    /** What no comment allows, and what is wrong with the comments. */
    private List<Found> kept(List<ReadFile> files) {
        Map<String, Suppressions> suppressions = new HashMap<>();
        var more = new Findings();
        for (ReadFile file : files) {
            if (context.reports(file.file().version())) {
                suppressions.put(file.file().fileName(), new Suppressions(file, more));
            }
        }
        List<Found> kept = new ArrayList<>();
        for (Found found : findings.all()) {
            Suppressions here = suppressions.get(found.finding().file());
            // Apply and start refuse it too, and they read no comments.
            boolean refused = found.finding().rule() == LintRule.NEIGHBOUR_REFERENCE
                    && found.finding().severity() == Severity.ERROR;
            if (here == null || !here.allow(found) || refused) {
                kept.add(found);
            }
        }
        for (Found harmless : findings.takenBack()) {
            Suppressions here = suppressions.get(harmless.finding().file());
            if (here != null) {
                here.allow(harmless);
            }
        }
        suppressions.values().forEach(one -> one.tellUnused(more));
        kept.addAll(more.all());
        return kept;
    }

    private List<Finding> sorted(List<Found> found) {
        Map<String, Integer> order = new HashMap<>();
        context.set().files().forEach(file -> order.put(file.fileName(), order.size()));
        return found.stream()
                .map(Found::finding)
                .sorted(Comparator.comparingInt((Finding one) -> order.getOrDefault(one.file(), Integer.MAX_VALUE))
                        .thenComparingInt(Finding::line)
                        .thenComparing(Finding::rule))
                .toList();
    }
}
