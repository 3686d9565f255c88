// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.cli.client.Change;
import dev.anabranch.cli.client.DirectoryClient;
import dev.anabranch.cli.terminal.CliFailure;
import dev.anabranch.cli.terminal.Table;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tenant}: whose rows are where. */
@Command(
        name = "tenant",
        description = "The tenants: whose rows are where.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Examples:",
            "  anabranch tenant show 42",
            "  anabranch tenant place 42 --database shard-3 --reason 'a large customer'",
            "  anabranch tenant list --group people --limit 50"
        })
final class TenantCommand {
    private final Session session;

    TenantCommand(Session session) {
        this.session = session;
    }

    @Command(
            name = "place",
            description = "Pins a tenant to a database, or lists it to be placed by its hash.",
            footer = {
                "",
                "Rows do not follow: a tenant that has rows elsewhere is refused, unless an admin forces it."
            })
    int place(
            @Parameters(paramLabel = "TENANT", description = "The tenant's id.") String tenant,
            @Option(names = {"-g", "--group"}, paramLabel = "GROUP", description = "Needed where there are several.")
                    @Nullable String group,
            @Option(names = "--database", paramLabel = "DB", description = "Where it is pinned.")
                    @Nullable String database,
            @Option(names = "--by-hash", description = "Its hash says where, as for tenants that nobody placed.")
                    boolean byHash,
            @Option(names = "--force", description = "Also where rows stay behind (admin).") boolean force) {
        if ((database == null) != byHash) {
            throw CliFailure.usage("A tenant is placed on a database or by its hash", "Give --database DB or --by-hash");
        }
        var path = Change.path("groups", groupOr(session.directory(), group), "tenants", tenant);
        return session.change(Change.put(path, database == null ? Map.of() : Map.of("database", database)).forced(force))
                .status();
    }

    @Command(name = "show", description = "Where a tenant is, and by what rule.")
    int show(
            @Parameters(paramLabel = "TENANT", description = "The tenant's id.") String tenant,
            @Option(names = {"-g", "--group"}, paramLabel = "GROUP", description = "Needed where there are several.")
                    @Nullable String group) {
        var directory = session.directory();
        var answer = directory.get(Change.path("groups", groupOr(directory, group), "tenants", tenant));
        var members = List.of("tenant", "group", "database", "placement", "bucket", "listed");
        var table = new Table(members.toArray(String[]::new));
        table.row(members.stream().map(member -> Answers.text(answer, member)).toArray());
        session.print(answer, table);
        return 0;
    }

    @Command(
            name = "list",
            description = "Lists the tenants that somebody has placed or listed.",
            footer = {"", "Tenants that only their hash places are in no list: ask 'tenant show' for them."})
    int list(
            @Option(names = {"-g", "--group"}, paramLabel = "GROUP", description = "Needed where there are several.")
                    @Nullable String group,
            @Option(names = "--after", paramLabel = "TENANT", description = "Begin behind this one.")
                    @Nullable String after,
            @Option(names = "--limit", paramLabel = "N", defaultValue = "100", description = "Default: ${DEFAULT-VALUE}.")
                    int limit) {
        var directory = session.directory();
        var path = Change.path("groups", groupOr(directory, group), "tenants") + "?limit=" + limit
                + (after == null ? "" : "&after=" + Change.escaped(after));
        var answer = directory.get(path);
        var table = new Table("tenant", "database", "placed", "by");
        String last = null;
        var rows = Answers.items(answer);
        for (var row : rows) {
            last = Answers.text(row, "tenant");
            table.row(
                    last,
                    row.hasNonNull("database") ? Answers.text(row, "database") : "(by hash)",
                    Answers.text(row, "created_at"),
                    Answers.text(row, "created_by"));
        }
        session.print(answer, table);
        if (!session.options().json && rows.size() == limit && last != null) {
            session.terminal().say("There may be more: --after '" + Table.printable(last) + "'");
        }
        return 0;
    }

    @Command(name = "remove", description = "Takes a tenant's own row away: unpins and unlists it.")
    int remove(
            @Parameters(paramLabel = "TENANT", description = "The tenant's id.") String tenant,
            @Option(names = {"-g", "--group"}, paramLabel = "GROUP", description = "Needed where there are several.")
                    @Nullable String group,
            @Option(names = "--force", description = "Also where rows stay behind (admin).") boolean force) {
        var path = Change.path("groups", groupOr(session.directory(), group), "tenants", tenant);
        return session.change(Change.delete(path).forced(force)).status();
    }

    /** The group that was named, or the only sharded one there is. */
    static String groupOr(DirectoryClient directory, @Nullable String named) {
        if (named != null) {
            return named;
        }
        var sharded = Answers.items(directory.get("/v1/groups")).stream()
                .filter(group -> group.path("kind").asString("").equals("sharded"))
                .map(group -> group.path("name").asString())
                .toList();
        return switch (sharded.size()) {
            case 1 -> sharded.getFirst();
            case 0 -> throw CliFailure.failed(
                    "The directory has no sharded group", "Add one: anabranch group add people --hash DB,DB", null);
            default -> throw CliFailure.usage("There are several groups: " + sharded, "Say which: --group GROUP");
        };
    }
}
