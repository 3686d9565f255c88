// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.cli.terminal.CliFailure;
import dev.anabranch.cli.terminal.ExitCode;
import dev.anabranch.cli.terminal.Table;
import dev.anabranch.operations.migration.apply.MigrationSettings;
import dev.anabranch.operations.migration.apply.SchemaMigrator;
import dev.anabranch.operations.migration.apply.Standing;
import dev.anabranch.operations.migration.run.MigrationRunner;
import dev.anabranch.operations.migration.run.RunListener;
import dev.anabranch.operations.migration.run.RunReport;
import dev.anabranch.problem.ErrorCode;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code migrate apply}: brings the service's schema to head on each of its databases. */
@Command(
        name = "apply",
        description = "Brings the service's schema to head on each of its databases: one first, then in waves.",
        footer = {
            "",
            "Makes the schema, the application's role and its grants where they are missing. Files that run in a transaction",
            "leave nothing behind when they fail; indexes that were being built concurrently are cleaned up and built again.",
            "Run it again after whatever broke it off.",
            "",
            "Exits with 1 if a database failed, with 5 if another runner held one for longer than --wait, or if the plan is",
            "another by now.",
            "",
            "Examples:",
            "  anabranch migrate apply --service billing --yes",
            "  anabranch migrate apply --service people --plan 3f2a90b1c4d5",
            "  anabranch migrate apply --service people --database shard-9 --yes     a shard that is to be added"
        })
final class MigrateApplyCommand implements Callable<Integer> {
    private final Session session;

    @Mixin MigrateRun run = new MigrateRun();

    @Option(names = "--plan", paramLabel = "ID", description = "Apply exactly the plan of that id, without asking.")
    @Nullable String plan;

    @Option(
            names = "--wait",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "For another runner that migrates the same schema (default: ${DEFAULT-VALUE}).")
    int wait;

    @Option(
            names = "--baseline",
            paramLabel = "VERSION",
            description = {
                "Where a schema has tables and no history, take them for what the files up to this version make, and go on from",
                "there. Nothing checks that it is so but 'migrate drift' afterwards."
            })
    @Nullable Long baseline;

    MigrateApplyCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        if (baseline != null) {
            begin(baseline);
        }
        var prepared = run.prepare(session);
        var id = prepared.plan().id();
        if (plan != null && !plan.equals(id)) {
            throw new CliFailure(
                    ExitCode.CONFLICT,
                    "The plan would be " + id + " by now, not " + plan
                            + ": files, databases or options are not those it was made with",
                    "Look at 'anabranch migrate plan' with the same options, and apply that");
        }
        var runner = new MigrationRunner(MigrateRun.settings(prepared.plan(), Duration.ofSeconds(wait)));
        RunReport report;
        if (prepared.behind() == 0) {
            session.terminal().say("Nothing to apply: all " + prepared.standings().size() + " databases are at V"
                    + prepared.plan().set().head() + ".");
            report = runner.run(prepared.plan(), RunListener.NONE);
        } else {
            requireNoMismatch(prepared);
            requireAgreement(prepared);
            try (var view = new MigrateProgress(session.terminal(), prepared.plan())) {
                report = runner.run(prepared.plan(), view);
            }
        }
        show(report);
        return exitCode(report).status();
    }

    /** Gives a history to each schema that has tables and none. */
    private void begin(long version) {
        var files = run.scope.files(session);
        var migrator = new SchemaMigrator(MigrationSettings.DEFAULT);
        for (var target : run.scope.targets(session)) {
            if (migrator.standing(target, files).kind() != Standing.Kind.MISSING) {
                continue;
            }
            var what = "the schema " + target.schema() + " on " + target.database().name() + " to be at V" + version;
            if (!session.options().yes && !session.terminal().agrees("Take " + what + "?")) {
                throw CliFailure.usage("Nobody agreed to take " + what, "Pass --yes to agree");
            }
            migrator.baseline(target, files, version);
            session.terminal().say("Took " + what + ". See 'anabranch migrate drift' whether it is so.");
        }
    }

    /** What the runner would refuse anyway is refused before anything is begun, unless failures are to be passed over. */
    private void requireNoMismatch(MigrateRun.Prepared prepared) {
        var refused = prepared.planned().stream()
                .filter(at -> MigrateStatusCommand.exitCode(List.of(at), false) == ExitCode.MISMATCH)
                .toList();
        if (!refused.isEmpty() && !run.goesOn()) {
            MigrateRun.table(prepared).lines().forEach(session.terminal()::say);
            throw new CliFailure(
                    ExitCode.MISMATCH,
                    "Files and history contradict each other on "
                            + refused.stream().map(at -> at.target().database().name()).toList(),
                    "Restore the files that were applied, or leave these databases out (--database), or pass them over"
                            + " (--on-error continue)");
        }
    }

    private void requireAgreement(MigrateRun.Prepared prepared) {
        if (plan != null) {
            return;
        }
        MigrateRun.table(prepared).lines().forEach(session.terminal()::say);
        session.terminal().say("Plan " + prepared.plan().id() + ".");
        if (session.options().yes) {
            return;
        }
        if (!session.terminal().canAsk()) {
            if (session.options().json) {
                session.printJson(MigrateScope.json("applied", false, "plan", MigrateRun.json(prepared)));
            }
            throw CliFailure.usage(
                    "Nothing was changed: this is a plan, and nobody is there to agree to it",
                    "Pass --plan " + prepared.plan().id() + " or --yes to apply it");
        }
        if (!session.terminal().agrees("Apply?")) {
            throw CliFailure.failed("Nothing was changed", "", null);
        }
    }

    private void show(RunReport report) {
        var table = new Table("database", "state", "from", "to", "files", "ms");
        for (var entry : report.targets()) {
            table.row(
                    entry.database(),
                    entry.state(),
                    version(entry.from()),
                    version(entry.to()),
                    entry.applied().size(),
                    entry.millis());
        }
        session.print(MigrateScope.json("applied", true, "result", MigrateReport.json(report)), table);
        for (var entry : report.targets()) {
            if (entry.message() != null) {
                session.terminal().say(entry.database() + " (" + entry.state() + "): " + Table.printable(entry.message()));
            }
        }
        if (!report.isComplete()) {
            session.terminal().say(report.count("done") + " of " + report.targets().size() + " databases are at V" + report.head()
                    + ". Mend the cause and run the same again: those that are done are passed over.");
        }
    }

    private static String version(@Nullable Long version) {
        return version == null ? "?" : version == 0 ? "-" : "V" + version;
    }

    private static ExitCode exitCode(RunReport report) {
        if (report.isComplete()) {
            return ExitCode.DONE;
        }
        var failures = report.targets().stream().filter(entry -> entry.state().equals("failed")).toList();
        boolean held = !failures.isEmpty()
                && failures.stream().allMatch(entry -> ErrorCode.MIGRATION_LOCKED.code().equals(entry.code()));
        return held ? ExitCode.CONFLICT : ExitCode.FAILED;
    }
}
