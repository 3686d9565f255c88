// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.Anabranch;
import dev.anabranch.Settings;
import dev.anabranch.TopologySource;
import dev.anabranch.cli.terminal.CliFailure;
import dev.anabranch.cli.terminal.Table;
import dev.anabranch.routing.RouteDecision;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code explain}: where an application would go, and why. */
@Command(
        name = "explain",
        description = "Where a tenant's connection would go, and why: opened as an application opens it.",
        footer = {
            "",
            "With SHARDING_MODE set (and no --endpoint), all SHARDING_ variables count as for an application.",
            "Otherwise the directory is asked with this command line's own token.",
            "",
            "Examples:",
            "  anabranch explain --tenant 42",
            "  SHARDING_MODE=standalone SHARDING_CONFIG=anabranch.yaml anabranch explain --tenant 42 --group people"
        })
final class ExplainCommand implements Callable<Integer> {
    private final Session session;

    @Option(names = {"-t", "--tenant"}, paramLabel = "TENANT", required = true, description = "The tenant's id.")
    String tenant = "";

    @Option(names = {"-g", "--group"}, paramLabel = "GROUP", description = "Needed where there are several.")
    @Nullable String group;

    ExplainCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        var environment = ApplicationEnvironment.of(session, "explain");
        var standalone = "standalone".equalsIgnoreCase(environment.get("SHARDING_MODE"));
        var named = group != null ? group : standalone ? onlyGroup(environment) : groupOfDirectory();
        var settings = Settings.fromEnvironment(environment::get, List.of(named));
        try (var anabranch = Anabranch.open(settings)) {
            var decision = anabranch.explain(named, anabranch.tenant(tenant));
            var at = anabranch.topology().database(decision.database()).primary();
            var source = standalone ? "configuration" : decision.fromCache() ? "snapshot on disk" : "directory";
            var address = at.host() + ":" + at.port() + "/" + at.database();
            var table = new Table("tenant", "group", "database", "address", "why", "revision", "known from")
                    .row(
                            String.valueOf(decision.tenant()),
                            named,
                            decision.database(),
                            address,
                            decision.reason(),
                            decision.revision(),
                            source);
            session.print(json(decision, at.flavor().id(), address, source), table);
        }
        return 0;
    }

    private static Map<String, Object> json(RouteDecision decision, String flavor, String address, String source) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("tenant", String.valueOf(decision.tenant()));
        json.put("group", decision.group());
        json.put("database", decision.database());
        json.put("flavor", flavor);
        json.put("address", address);
        json.put("reason", decision.reason());
        json.put("revision", decision.revision());
        json.put("from_cache", decision.fromCache());
        json.put("source", source);
        return json;
    }

    private String groupOfDirectory() {
        try {
            return TenantCommand.groupOr(session.directory(), null);
        } catch (CliFailure failure) {
            throw new CliFailure(
                    failure.exitCode(),
                    failure.problem(),
                    "Name the group with --group, which also works from the last snapshot on disk",
                    failure);
        }
    }

    private static String onlyGroup(Map<String, String> environment) {
        var settings = Settings.fromEnvironment(environment::get, List.of());
        if (!(settings.source() instanceof TopologySource.Fixed fixed)) {
            throw new IllegalStateException("standalone mode without a topology of its own");
        }
        var groups = fixed.topology().groups().keySet();
        if (groups.size() != 1) {
            throw CliFailure.usage("There are several groups: " + groups, "Say which: --group GROUP");
        }
        return groups.iterator().next();
    }
}
