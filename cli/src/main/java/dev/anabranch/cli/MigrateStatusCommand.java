// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.cli.terminal.CliFailure;
import dev.anabranch.cli.terminal.ExitCode;
import dev.anabranch.cli.terminal.Table;
import dev.anabranch.operations.migration.apply.MigrationSettings;
import dev.anabranch.operations.migration.apply.Standing;
import dev.anabranch.operations.migration.files.MigrationSet;
import dev.anabranch.operations.migration.run.MigrationPlaces;
import dev.anabranch.operations.migration.run.MigrationRunner;
import dev.anabranch.operations.migration.run.TargetStanding;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.GroupSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code migrate status}: where each database stands. */
@Command(
        name = "status",
        description = "Where each service's schema stands on each database, by the database's own history.",
        footer = {
            "",
            "Without --service, all services that have migrations.",
            "Exits with 3 where files and history contradict each other or a migration broke off (with --at-head also where",
            "a database is behind), and with 1 where a database cannot be asked.",
            "",
            "Examples:",
            "  anabranch migrate status",
            "  anabranch migrate status --service billing --at-head     before a release starts"
        })
final class MigrateStatusCommand implements Callable<Integer> {
    private final Session session;

    @Mixin MigrateScope scope = new MigrateScope();

    @Option(names = "--at-head", description = "A database that is behind is a mismatch, too.")
    boolean atHead;

    private final List<MigrationPlaces.Answer> routed = new ArrayList<>();

    MigrateStatusCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        var checks = checks();
        var standings = new MigrationRunner(MigrationSettings.DEFAULT).standings(checks);
        var table = new Table("service", "schema", "database", "is at", "head", "state", "detail");
        for (var at : standings) {
            var standing = at.standing();
            table.row(
                    at.target().group(),
                    at.target().schema(),
                    at.target().database().name(),
                    MigrateRun.version(at),
                    standing == null ? "?" : "V" + standing.head(),
                    standing == null ? "unreadable" : word(standing.kind()),
                    detail(at));
        }
        session.print(
                MigrateScope.json(
                        "databases", standings.stream().map(MigrateRun::standingJson).toList(),
                        "routed", MigrateScope.routed(routed)),
                table);
        return exitCode(standings).status();
    }

    /** One service's databases, or those of all services with migrations. */
    private List<MigrationRunner.Check> checks() {
        if (scope.service != null || scope.folder != null) {
            return checks(scope);
        }
        var names = scope.topology(session).groups().values().stream()
                .filter(group -> group.schema().flatMap(GroupSchema::migrations).isPresent())
                .map(Group::name)
                .toList();
        if (names.size() < 2) {
            return checks(scope);
        }
        List<MigrationRunner.Check> all = new ArrayList<>();
        var only = List.copyOf(scope.only);
        for (var name : names) {
            scope.service = name;
            // A service is not asked for on a database that it does not use, unless it is named.
            scope.only = List.of();
            var places = scope.places(session).targets().stream()
                    .map(target -> target.database().name())
                    .toList();
            scope.only = only.stream().filter(places::contains).toList();
            if (places.isEmpty()) {
                routed.addAll(scope.places(session).answers());
                continue;
            }
            if (only.isEmpty() || !scope.only.isEmpty()) {
                all.addAll(checks(scope));
            }
        }
        if (all.isEmpty()) {
            throw CliFailure.usage("No service has migrations on " + only, "Say which service: --service NAME");
        }
        return all;
    }

    private List<MigrationRunner.Check> checks(MigrateScope one) {
        MigrationSet files = one.files(session);
        routed.addAll(one.places(session).answers());
        return one.targets(session).stream()
                .map(target -> new MigrationRunner.Check(target, files))
                .toList();
    }

    private static String word(Standing.Kind kind) {
        return switch (kind) {
            case CURRENT -> "at head";
            case BEHIND -> "behind";
            case MISSING -> "empty";
            case AHEAD -> "ahead";
            case OUT_OF_ORDER -> "out of order";
            case CHANGED -> "changed";
            case FAILED -> "broken off";
        };
    }

    private static String detail(TargetStanding at) {
        var standing = at.standing();
        return standing != null && standing.kind() == Standing.Kind.CURRENT ? "" : MigrateRun.todo(at);
    }

    private ExitCode exitCode(List<TargetStanding> standings) {
        return exitCode(standings, atHead);
    }

    /**
     * How a look at databases ends.
     *
     * @param atHead whether one that is behind is a mismatch, too
     */
    static ExitCode exitCode(List<TargetStanding> standings, boolean atHead) {
        if (standings.stream().anyMatch(at -> at.standing() == null)) {
            return ExitCode.FAILED;
        }
        boolean mismatch = standings.stream().map(TargetStanding::standing).anyMatch(standing -> standing != null
                && switch (standing.kind()) {
                    case CURRENT -> false;
                    case BEHIND, MISSING -> atHead;
                    case AHEAD, OUT_OF_ORDER, CHANGED, FAILED -> true;
                });
        return mismatch ? ExitCode.MISMATCH : ExitCode.DONE;
    }
}
