// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.cli.terminal.CliFailure;
import dev.anabranch.cli.terminal.Table;
import dev.anabranch.operations.migration.apply.MigrationSettings;
import dev.anabranch.operations.migration.apply.SchemaMigrator;
import dev.anabranch.operations.migration.apply.Standing;
import dev.anabranch.operations.migration.apply.Target;
import dev.anabranch.operations.migration.catalog.CatalogDiff;
import dev.anabranch.operations.migration.catalog.CatalogReader;
import dev.anabranch.operations.migration.catalog.Renames;
import dev.anabranch.operations.migration.catalog.Step;
import dev.anabranch.operations.migration.desired.DesiredState;
import dev.anabranch.operations.migration.desired.GeneratedMigration;
import dev.anabranch.operations.migration.desired.NextMigration;
import dev.anabranch.operations.migration.files.MigrationSet;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.GroupSchema;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code migrate new}: the next file, from what the schema shall be. */
@Command(
        name = "new",
        description = "Writes the next file of migrations: what leads from the database to the desired state.",
        footer = {
            "",
            "The desired state is the group's entities or schema.sql. The database must be at head, and only the service's own",
            "schema is looked at; nothing in it is changed. At most three files come: what runs in a transaction, what runs",
            "beside the application's work (indexes, validations), and what comes after it.",
            "",
            "Examples:",
            "  anabranch migrate new --service billing -m \"add plan\"",
            "  anabranch migrate new --service billing -m \"rename price\" --rename plan.price:amount"
        })
final class MigrateNewCommand implements Callable<Integer> {
    private static final Pattern RENAME = Pattern.compile("--rename ([^\\s\"']+)");

    private final Session session;

    @Mixin MigrateScope scope = new MigrateScope();

    @Option(
            names = {"-m", "--message"},
            paramLabel = "TEXT",
            required = true,
            description = "What it does, in a few words: they become the file's name.")
    String message = "";

    @Option(
            names = "--rename",
            paramLabel = "OLD:NEW",
            description = "A table (old:new) or a column (table.old:new) that was renamed, and not dropped and made. Repeatable.")
    List<String> renames = new ArrayList<>();

    @Option(
            names = "--allow-destructive",
            description = "Write what loses rows or definitions as statements, and not as comments.")
    boolean allowDestructive;

    MigrateNewCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        var group = scope.group(session);
        var desired = group.schema()
                .flatMap(GroupSchema::desired)
                .orElseThrow(() -> CliFailure.usage(
                        "The service '" + group.name() + "' has no desired state",
                        "Give its group desired: {entities: …} or desired: {schema: schema.sql}, or write the file by hand"));
        var folder = scope.folder(session);
        var files = Files.exists(folder) ? MigrationSet.ofFolder(folder) : new MigrationSet(folder.toString(), List.of());
        var target = scope.targets(session).getFirst();
        var known = Renames.parse(renames);
        GeneratedMigration made;
        try (var connection = OwnerConnection.open(target)) {
            requireHead(target, files);
            if (session.terminal().canAsk()) {
                known = asked(connection, target, desired, known);
            }
            made = new NextMigration(
                            group.name(), target.schema(), files, folder, desired, known, allowDestructive, message)
                    .generate(connection);
        } catch (SQLException e) {
            throw OwnerConnection.failed(target, e);
        }
        show(group, made);
        return 0;
    }

    /** What the files have not brought to the database yet would be generated once more. */
    private static void requireHead(Target target, MigrationSet files) {
        var standing = new SchemaMigrator(MigrationSettings.DEFAULT).standing(target, files);
        if (!standing.isCurrent()) {
            var behind = standing.kind() == Standing.Kind.BEHIND || standing.kind() == Standing.Kind.MISSING;
            throw CliFailure.failed(
                    "The schema " + target.schema() + " on " + target.database().name() + " is not at the head of the files (V"
                            + standing.version() + ", and the files end with V" + standing.head() + "): "
                            + String.join(", ", standing.concerned()),
                    behind
                            ? "Run 'anabranch migrate apply --service " + target.group()
                                    + "' first; or delete the file, if it is a draft that was applied nowhere and is to be"
                                    + " generated anew"
                            : "See 'anabranch migrate status --service " + target.group() + "', and restore what was applied",
                    null);
        }
    }

    /** Asks for each drop that may be a rename whether it is one, until none is left that has not been asked. */
    private Renames asked(Connection connection, Target target, GroupSchema.Desired desired, Renames known)
            throws SQLException {
        var present = CatalogReader.read(connection, target.schema());
        var wanted = DesiredState.of(connection, desired).snapshot();
        Set<String> seen = new LinkedHashSet<>();
        List<String> agreed = new ArrayList<>(renames);
        var renamed = known;
        for (boolean again = true; again; ) {
            again = false;
            for (var rename : candidates(CatalogDiff.between(present, wanted, renamed))) {
                if (seen.add(rename) && session.terminal().agrees("Was " + rename.replace(":", " renamed to ") + "?")) {
                    agreed.add(rename);
                    renamed = Renames.parse(agreed);
                    again = true;
                    break;
                }
            }
        }
        return renamed;
    }

    private static List<String> candidates(List<Step> steps) {
        return steps.stream()
                .map(Step::asks)
                .flatMap(Optional::stream)
                .flatMap(question -> RENAME.matcher(question).results())
                .map(match -> match.group(1))
                .distinct()
                .toList();
    }

    private void show(Group group, GeneratedMigration made) {
        var table = new Table("file", "runs", "statements", "left as comments");
        for (var file : made.files()) {
            table.row(
                    file.path().toString(),
                    switch (file.phase()) {
                        case EXPAND, CONTRACT -> "in one transaction";
                        case ONLINE -> "beside the application's work";
                    },
                    file.statements(),
                    file.commentedOut());
        }
        var json = MigrateScope.json(
                "group", group.name(),
                "files", made.files().stream()
                        .map(file -> MigrateScope.json(
                                "path", file.path().toString(),
                                "version", file.version(),
                                "phase", file.phase().name().toLowerCase(java.util.Locale.ROOT),
                                "statements", file.statements(),
                                "commented_out", file.commentedOut()))
                        .toList(),
                "pending", made.pending().stream().map(Step::object).toList(),
                "questions", made.questions(),
                "warnings", made.warnings());
        if (session.options().json || !made.files().isEmpty()) {
            session.print(json, table);
        }
        var terminal = session.terminal();
        terminal.say(made.summary());
        made.questions().forEach(question -> terminal.say("Look at this: " + Table.printable(question)));
        made.warnings().forEach(warning -> terminal.say("Warning: " + Table.printable(warning)));
        if (!made.files().isEmpty()) {
            terminal.say("Read it, then: anabranch migrate lint --service " + group.name());
        }
    }
}
