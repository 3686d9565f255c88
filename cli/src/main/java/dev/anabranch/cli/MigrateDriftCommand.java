// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.cli.terminal.CliFailure;
import dev.anabranch.cli.terminal.ExitCode;
import dev.anabranch.cli.terminal.Table;
import dev.anabranch.operations.migration.apply.MigrationHistory;
import dev.anabranch.operations.migration.apply.Target;
import dev.anabranch.operations.migration.catalog.CatalogDiff;
import dev.anabranch.operations.migration.catalog.CatalogReader;
import dev.anabranch.operations.migration.catalog.CatalogSnapshot;
import dev.anabranch.operations.migration.desired.Replay;
import dev.anabranch.operations.migration.files.MigrationSet;
import dev.anabranch.problem.AnabranchException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code migrate drift}: which schema is not what its history says. */
@Command(
        name = "drift",
        description = "What is not as the applied files make it, object by object, on each database.",
        footer = {
            "",
            "The files up to the version that a database has are run in a scratch schema, in a transaction that is rolled back,",
            "and what they make is compared with what is there.",
            "Exits with 3 if anything differs, with 1 if a database cannot be asked.",
            "",
            "Example:",
            "  anabranch migrate drift --service billing"
        })
final class MigrateDriftCommand implements Callable<Integer> {
    private static final int AT_ONCE = 8;

    private final Session session;

    @Mixin MigrateScope scope = new MigrateScope();

    MigrateDriftCommand(Session session) {
        this.session = session;
    }

    /** What one database's schema has other than it should; an error where it could not be asked. */
    private record Found(Target target, long version, List<String> differences, @Nullable String error) {}

    @Override
    public Integer call() {
        var files = scope.files(session);
        Map<String, CatalogSnapshot> expected = new HashMap<>();
        var all = Parallel.each(AT_ONCE, scope.targets(session), target -> look(target, files, expected));
        show(all);
        if (all.stream().anyMatch(found -> found.error() != null)) {
            return ExitCode.FAILED.status();
        }
        boolean drift = all.stream().anyMatch(found -> !found.differences().isEmpty());
        return (drift ? ExitCode.MISMATCH : ExitCode.DONE).status();
    }

    private static Found look(Target target, MigrationSet files, Map<String, CatalogSnapshot> expected) {
        try (var connection = OwnerConnection.open(target)) {
            long version = MigrationHistory.read(connection, target.schema()).version();
            if (version > files.head()) {
                return new Found(
                        target, version, List.of("it is at V" + version + ", and the folder ends with V" + files.head()), null);
            }
            var differences = CatalogDiff.describe(
                    CatalogReader.read(connection, target.schema()), expected(connection, files.upTo(version), expected));
            return new Found(target, version, differences, null);
        } catch (SQLException e) {
            return new Found(target, 0, List.of(), OwnerConnection.failed(target, e).problem());
        } catch (CliFailure e) {
            return new Found(target, 0, List.of(), e.problem());
        } catch (AnabranchException e) {
            return new Found(target, 0, List.of(), e.problem());
        }
    }

    /** Made once for each version and release of the server: the catalog's texts differ between releases. */
    private static CatalogSnapshot expected(Connection connection, MigrationSet files, Map<String, CatalogSnapshot> known)
            throws SQLException {
        var key = connection.getMetaData().getDatabaseMajorVersion() + " " + files.head();
        synchronized (known) {
            var snapshot = known.get(key);
            if (snapshot == null) {
                snapshot = Replay.of(connection, files);
                known.put(key, snapshot);
            }
            return snapshot;
        }
    }

    private void show(List<Found> all) {
        var table = new Table("database", "schema", "is at", "state");
        for (var found : all) {
            int count = found.differences().size();
            table.row(
                    found.target().database().name(),
                    found.target().schema(),
                    found.error() != null ? "?" : "V" + found.version(),
                    found.error() != null ? "unreadable" : count == 0 ? "as its history says" : count + " differences");
        }
        session.print(
                MigrateScope.json(
                        "databases", all.stream().map(MigrateDriftCommand::json).toList(),
                        "routed", MigrateScope.routed(scope.places(session).answers())),
                table);
        for (var found : all) {
            if (found.error() != null) {
                session.terminal().say(found.target().database().name() + ": " + Table.printable(found.error()));
            }
            if (!session.options().json) {
                found.differences().forEach(difference -> session.terminal().out().println(
                        found.target().database().name() + ": " + Table.printable(difference)));
            }
        }
    }

    private static Map<String, Object> json(Found found) {
        return MigrateScope.json(
                "group", found.target().group(),
                "database", found.target().database().name(),
                "schema", found.target().schema(),
                "state", found.error() != null ? "unreadable" : found.differences().isEmpty() ? "same" : "different",
                "version", found.error() != null ? null : found.version(),
                "differences", found.error() != null ? null : found.differences(),
                "detail", found.error());
    }
}
