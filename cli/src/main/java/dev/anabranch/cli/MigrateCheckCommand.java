// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.cli.terminal.CliFailure;
import dev.anabranch.cli.terminal.ExitCode;
import dev.anabranch.cli.terminal.Table;
import dev.anabranch.operations.migration.catalog.CatalogDiff;
import dev.anabranch.operations.migration.desired.DesiredState;
import dev.anabranch.operations.migration.desired.Replay;
import dev.anabranch.topology.GroupSchema;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code migrate check}: whether files and desired state agree. */
@Command(
        name = "check",
        description = "Whether all files together make the desired state: a check for continuous integration.",
        footer = {
            "",
            "Both are built in a scratch schema of the service's first database, in a transaction that is rolled back; the",
            "database's own schema is not looked at, so that any empty PostgreSQL will do.",
            "Exits with 3 if they differ.",
            "",
            "Example:",
            "  anabranch migrate check --service billing"
        })
final class MigrateCheckCommand implements Callable<Integer> {
    private final Session session;

    @Mixin MigrateScope scope = new MigrateScope();

    MigrateCheckCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        var group = scope.group(session);
        var desired = group.schema()
                .flatMap(GroupSchema::desired)
                .orElseThrow(() -> CliFailure.usage(
                        "The service '" + group.name() + "' has no desired state", "Give its group desired: {entities: …}"));
        var target = scope.targets(session).getFirst();
        List<String> differences;
        try (var connection = OwnerConnection.open(target)) {
            var made = Replay.of(connection, scope.files(session));
            differences = CatalogDiff.describe(made, DesiredState.of(connection, desired).snapshot());
        } catch (SQLException e) {
            throw OwnerConnection.failed(target, e);
        }
        if (session.options().json) {
            session.printJson(MigrateScope.json("group", group.name(), "differences", differences));
        } else {
            differences.forEach(difference -> session.terminal().out().println(Table.printable(difference)));
        }
        session.terminal().say(
                differences.isEmpty()
                        ? "The files make the desired state."
                        : differences.size() + " differences. Generate what is missing: anabranch migrate new --service "
                                + group.name() + " -m \"...\"");
        return (differences.isEmpty() ? ExitCode.DONE : ExitCode.MISMATCH).status();
    }
}
