// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.cli.terminal.CliFailure;
import dev.anabranch.cli.terminal.ExitCode;
import dev.anabranch.cli.terminal.Table;
import dev.anabranch.operations.migration.apply.AppliedMigration;
import dev.anabranch.operations.migration.apply.MigrationHistory;
import dev.anabranch.operations.migration.apply.Target;
import dev.anabranch.operations.migration.lint.Finding;
import dev.anabranch.operations.migration.lint.Lint;
import dev.anabranch.operations.migration.lint.LintContext;
import dev.anabranch.operations.migration.lint.LintReport;
import dev.anabranch.operations.migration.lint.LintRule;
import dev.anabranch.topology.Group;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code migrate lint}: what is unsafe in the files. */
@Command(
        name = "lint",
        description = "What is unsafe in the files that are not applied yet, why, and how to write it instead.",
        footer = {
            "",
            "Besides reading the files it runs them in a scratch schema of the service's first database, in a transaction that",
            "is rolled back, to see what they lock and rewrite. --offline only reads.",
            "Where a rule does not fit, say why:  -- lint: allow index-not-concurrent because the table has 12 rows",
            "Exits with 3 if something is found that is an error.",
            "",
            "Examples:",
            "  anabranch migrate lint --service billing",
            "  anabranch migrate lint --service billing --from 1 --offline     all files, without a database",
            "  anabranch migrate lint --rules"
        })
final class MigrateLintCommand implements Callable<Integer> {
    private final Session session;

    @Mixin MigrateScope scope = new MigrateScope();

    @Option(
            names = "--from",
            paramLabel = "VERSION",
            description = "From this version on, applied or not (default: what the first database lacks).")
    @Nullable Long from;

    @Option(names = "--offline", description = "Ask no database.")
    boolean offline;

    @Option(
            names = "--exempt",
            paramLabel = "TABLE",
            split = ",",
            description = "Tables of a sharded service that need no shard key.")
    Set<String> exempt = new LinkedHashSet<>();

    @Option(names = "--rules", description = "List the rules, and look at nothing.")
    boolean rules;

    MigrateLintCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        if (rules) {
            return listRules();
        }
        var group = scope.group(session);
        var target = scope.targets(session).getFirst();
        var context = LintContext.of(scope.files(session), target.schema())
                .withFlavor(target.database().flavor())
                .withTimeoutsByRunner()
                .withNeighbours(group, scope.topology(session), scope.routers.chain());
        if (group instanceof Group.Sharded) {
            context = context.withShardKey(scope.topology(session).shardKey().column(), exempt);
        }
        if (from != null) {
            context = context.withFrom(from);
        }
        var report = offline ? Lint.of(context) : traced(context, target);
        show(group, report);
        return (report.hasErrors() ? ExitCode.MISMATCH : ExitCode.DONE).status();
    }

    private LintReport traced(LintContext context, Target target) {
        if (target.database().flavor() != dev.anabranch.topology.Flavor.POSTGRES) {
            return Lint.of(context);
        }
        try (var connection = OwnerConnection.open(target)) {
            return Lint.of(context.withApplied(applied(connection, target)).withScratch(connection));
        } catch (CliFailure e) {
            throw CliFailure.failed(e.problem(), "Start it, or read the files alone with --offline", e);
        } catch (SQLException e) {
            throw OwnerConnection.failed(target, e);
        }
    }

    private static Map<Long, Integer> applied(Connection connection, Target target) throws SQLException {
        Map<Long, Integer> checksums = new HashMap<>();
        for (AppliedMigration row : MigrationHistory.read(connection, target.schema()).applied()) {
            var checksum = row.checksum();
            if (row.success() && checksum != null) {
                checksums.put(row.version(), checksum);
            }
        }
        return checksums;
    }

    private void show(Group group, LintReport report) {
        if (session.options().json) {
            session.printJson(MigrateScope.json(
                    "group", group.name(),
                    "findings", report.findings().stream().map(MigrateLintCommand::json).toList(), "notes", report.notes()));
        } else {
            var out = session.terminal().out();
            for (var finding : report.findings()) {
                out.println(Table.printable(finding.toString()));
                if (!finding.statement().isEmpty()) {
                    out.println("    " + Table.printable(finding.statement()));
                }
                finding.safeRewrite().ifPresent(rewrite -> {
                    out.println("  instead:");
                    rewrite.lines().forEach(line -> out.println("    " + Table.printable(line)));
                });
                out.println();
            }
        }
        report.notes().forEach(session.terminal()::say);
        long errors = report.findings().stream()
                .filter(finding -> finding.severity() == dev.anabranch.operations.migration.lint.Severity.ERROR)
                .count();
        session.terminal().say(
                report.findings().isEmpty()
                        ? "Nothing found."
                        : errors + " errors, " + (report.findings().size() - errors) + " warnings.");
    }

    private static Map<String, Object> json(Finding finding) {
        return MigrateScope.json(
                "rule", finding.rule().id(),
                "severity", finding.severity().name().toLowerCase(Locale.ROOT),
                "file", finding.file(),
                "line", finding.line(),
                "statement", finding.statement(),
                "reason", finding.reason(),
                "rewrite", finding.rewrite());
    }

    private int listRules() {
        List<LintRule> all = Arrays.asList(LintRule.values());
        if (session.options().json) {
            session.printJson(Map.of("rules", all.stream()
                    .map(rule -> MigrateScope.json(
                            "rule", rule.id(),
                            "severity", rule.severity().name().toLowerCase(Locale.ROOT),
                            "reason", rule.reason(),
                            "instead", rule.rewrite()))
                    .toList()));
            return 0;
        }
        var out = session.terminal().out();
        for (var rule : all) {
            out.println(rule.id() + " (" + rule.severity().name().toLowerCase(Locale.ROOT) + ")");
            out.println("    " + rule.reason());
            out.println("    Instead: " + rule.rewrite() + ".");
        }
        return 0;
    }
}
