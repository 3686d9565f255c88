// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.cli.terminal.CliFailure;
import dev.anabranch.cli.terminal.ExitCode;
import dev.anabranch.cli.terminal.Table;
import dev.anabranch.operations.migration.apply.MigrationSettings;
import dev.anabranch.operations.migration.apply.Standing;
import dev.anabranch.operations.migration.files.MigrationFile;
import dev.anabranch.operations.migration.files.MigrationSet;
import dev.anabranch.operations.migration.lint.RefusedRelation;
import dev.anabranch.operations.migration.run.MigrationPlan;
import dev.anabranch.operations.migration.run.MigrationRunner;
import dev.anabranch.operations.migration.run.RunOptions;
import dev.anabranch.operations.migration.run.TargetStanding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a run over many databases goes: what {@code migrate plan} and {@code migrate apply} ask for, and the plan they show. */
final class MigrateRun {
    @Mixin MigrateScope scope = new MigrateScope();

    @Option(names = "--canary", paramLabel = "DB", description = "The database that goes first and alone (default: the first).")
    @Nullable String canary;

    @Option(
            names = "--waves",
            paramLabel = "SIZE",
            split = ",",
            defaultValue = "10%",
            description = "The waves after the canary, as numbers or shares of all; the rest is the last (default: ${DEFAULT-VALUE}).")
    List<String> waves = new ArrayList<>();

    @Option(
            names = "--per-server",
            paramLabel = "N",
            defaultValue = "4",
            description = "At once on one server (default: ${DEFAULT-VALUE}).")
    int perServer;

    @Option(names = "--parallel", paramLabel = "N", defaultValue = "32", description = "At once in all (default: ${DEFAULT-VALUE}).")
    int parallel;

    @Option(
            names = "--on-error",
            paramLabel = "stop|continue",
            description = "After a failure start nothing new, or go on with the others (default: stop). A canary's failure always stops.")
    RunOptions.@Nullable OnError onError;

    @Option(
            names = "--max-failures",
            paramLabel = "N",
            description = "Go on after failures, and start nothing new after so many.")
    @Nullable Integer maxFailures;

    /** A plan, and where each of its databases stands now. */
    record Prepared(MigrationPlan plan, List<TargetStanding> standings) {
        /** Those that apply would look at: a file that broke off is run again, and is no mismatch. */
        List<TargetStanding> planned() {
            return standings.stream().filter(at -> !isBrokenOff(at)).toList();
        }

        private static boolean isBrokenOff(TargetStanding at) {
            var standing = at.standing();
            return standing != null && standing.kind() == Standing.Kind.FAILED;
        }

        /** Those that lack files. */
        long behind() {
            return standings.stream().filter(standing -> !standing.isCurrent()).count();
        }
    }

    /** Makes the plan, and asks each database where it stands. */
    Prepared prepare(Session session) {
        var files = scope.files(session);
        var options = new RunOptions(
                canary, waves, perServer, parallel, maxFailures == null ? Integer.MAX_VALUE : maxFailures, onError());
        refuseCrossing(session, files);
        scope.targets(session);
        var plan = MigrationPlan.of(files, scope.places(session), options);
        var checks = plan.targets().stream().map(target -> new MigrationRunner.Check(target, files)).toList();
        return new Prepared(plan, new MigrationRunner(settings(plan, Duration.ZERO)).standings(checks));
    }

    /** What no server could keep is refused before any server is asked. */
    private void refuseCrossing(Session session, MigrationSet files) {
        var refused = RefusedRelation.of(
                files, scope.group(session), scope.topology(session), scope.routers.chain());
        if (!refused.isEmpty()) {
            throw new CliFailure(
                    ExitCode.MISMATCH,
                    String.join("\n", refused.stream().map(RefusedRelation::toString).toList()),
                    "Keep the id without a foreign key, put both groups into the same databases, or let a router's"
                            + " allowRelation say yes (--routers JAR)");
        }
    }

    /** Whether a failure does not keep the others from being migrated. */
    boolean goesOn() {
        return onError() == RunOptions.OnError.CONTINUE;
    }

    private RunOptions.OnError onError() {
        if (onError == RunOptions.OnError.STOP && maxFailures != null) {
            throw CliFailure.usage("--on-error stop ends at the first failure", "Leave it out, or leave --max-failures out");
        }
        boolean stops = onError == RunOptions.OnError.STOP || (onError == null && maxFailures == null);
        return stops ? RunOptions.OnError.STOP : RunOptions.OnError.CONTINUE;
    }

    /** Who we are to those who wait, and how patient we are. */
    static MigrationSettings settings(MigrationPlan plan, Duration lockWait) {
        return MigrationSettings.DEFAULT
                .withLockWait(lockWait)
                .withRunner("plan " + plan.id() + ", pid " + ProcessHandle.current().pid());
    }

    /** The plan as a table: a row for each database. */
    static Table table(Prepared prepared) {
        var table = new Table("wave", "database", "server", "is at", "to apply");
        int row = 0;
        for (int wave = 0; wave < prepared.plan().waves().size(); wave++) {
            for (var target : prepared.plan().waves().get(wave)) {
                var standing = prepared.standings().get(row++);
                table.row(
                        wave == 0 ? "canary" : String.valueOf(wave),
                        target.database().name(),
                        MigrateScope.server(target),
                        version(standing),
                        todo(standing));
            }
        }
        return table;
    }

    /** The version that a database has. */
    static String version(TargetStanding standing) {
        var known = standing.standing();
        return known == null ? "?" : known.version() == 0 ? "-" : "V" + known.version();
    }

    /** What is to be done to a database, or what is wrong with it. */
    static String todo(TargetStanding standing) {
        var known = standing.standing();
        if (known == null) {
            var error = standing.error();
            return error == null ? "?" : error.problem();
        }
        return switch (known.kind()) {
            case CURRENT -> "nothing";
            case BEHIND, MISSING, FAILED -> known.pending().isEmpty()
                    ? "again: " + String.join(", ", known.concerned())
                    : names(known);
            case AHEAD -> "refused: it has " + String.join(", ", known.concerned()) + ", which the folder lacks";
            case CHANGED -> "refused: changed since applied: " + String.join(", ", known.concerned());
            case OUT_OF_ORDER -> "refused: numbered below what is applied: " + String.join(", ", known.concerned());
        };
    }

    private static String names(Standing standing) {
        var versions = standing.pending().stream().map(MigrationFile::version).toList();
        return versions.size() == 1
                ? "V" + versions.getFirst()
                : "V" + versions.getFirst() + " to V" + versions.getLast();
    }

    /** The plan for programs. */
    static Map<String, Object> json(Prepared prepared) {
        List<Object> databases = new ArrayList<>();
        int row = 0;
        for (int wave = 0; wave < prepared.plan().waves().size(); wave++) {
            for (var target : prepared.plan().waves().get(wave)) {
                var json = standingJson(prepared.standings().get(row++));
                json.put("wave", wave);
                json.put("server", MigrateScope.server(target));
                databases.add(json);
            }
        }
        var plan = prepared.plan();
        return MigrateScope.json(
                "plan", plan.id(),
                "group", plan.group(),
                "head", plan.set().head(),
                "files", plan.set().files().stream().map(MigrationFile::fileName).toList(),
                "databases", databases,
                "routed", MigrateScope.routed(plan.routed()));
    }

    /** Where one database stands, for programs. */
    static Map<String, Object> standingJson(TargetStanding at) {
        var standing = at.standing();
        var error = at.error();
        return MigrateScope.json(
                "group", at.target().group(),
                "database", at.target().database().name(),
                "schema", at.target().schema(),
                "state", standing == null ? "unreadable" : standing.kind().name().toLowerCase(java.util.Locale.ROOT),
                "version", standing == null ? null : standing.version(),
                "head", standing == null ? null : standing.head(),
                "pending",
                        standing == null
                                ? null
                                : standing.pending().stream().map(MigrationFile::fileName).toList(),
                "concerned", standing == null ? null : standing.concerned(),
                "code", error == null ? null : error.code().code(),
                "detail", error == null ? null : error.problem());
    }
}
