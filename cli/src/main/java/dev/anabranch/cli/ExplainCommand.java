// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.Settings;
import dev.anabranch.TopologySource;
import dev.anabranch.cli.client.RunningApplication;
import dev.anabranch.cli.terminal.CliFailure;
import dev.anabranch.cli.terminal.Table;
import dev.anabranch.routing.Access;
import dev.anabranch.routing.RouteDecision;
import dev.anabranch.routing.RouteExplanation;
import dev.anabranch.routing.Router;
import dev.anabranch.routing.RoutingHints;
import dev.anabranch.tenant.TenantId;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.Topology;
import dev.anabranch.topology.TopologyReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code explain}: where an application would go, and why. */
@Command(
        name = "explain",
        description = "Where a connection would go, which router decides, and which servers may answer.",
        footer = {
            "",
            "With SHARDING_MODE set (and no --endpoint), all SHARDING_ variables count as for an application.",
            "Otherwise the directory is asked with this command line's own token. --config reads a file and asks nobody.",
            "What a running application has in rotation, and who decides there, --application asks itself.",
            "",
            "Examples:",
            "  anabranch explain 42",
            "  anabranch explain 42 --group people --read --config anabranch.yaml --routers app-routers.jar",
            "  anabranch explain --group catalog --audience public --application http://127.0.0.1:8080"
        })
final class ExplainCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(paramLabel = "TENANT", arity = "0..1", description = "The tenant's id; a global group needs none.")
    @Nullable String named;

    @Option(names = {"-t", "--tenant"}, paramLabel = "TENANT", description = "The same as an option.")
    @Nullable String tenant;

    @Option(names = {"-g", "--group"}, paramLabel = "GROUP", description = "Needed where there are several.")
    @Nullable String group;

    @Option(names = "--read", description = "For a read; else for a write.")
    boolean read;

    @Option(names = "--audience", paramLabel = "NAME", description = "Who asks.")
    @Nullable String audience;

    @Option(names = "--config", paramLabel = "FILE", description = "The topology, instead of a directory's.")
    @Nullable Path config;

    @Option(
            names = "--application",
            paramLabel = "URL",
            description = "A running application, by its actuator endpoint 'anabranch'.")
    @Nullable String application;

    @Mixin RouterOptions routers = new RouterOptions();

    ExplainCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        if (named != null && tenant != null) {
            throw CliFailure.usage("The tenant is given twice", "Give TENANT or --tenant");
        }
        var whose = named != null ? named : tenant;
        if (application != null) {
            if (config != null || !routers.jars.isEmpty()) {
                throw CliFailure.usage(
                        "A running application has its own topology and routers", "Leave out --config and --routers");
            }
            return asked(new RunningApplication(application), whose);
        }
        return opened(whose);
    }

    private int asked(RunningApplication running, @Nullable String whose) {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("access", read ? "read" : "write");
        put(parameters, "group", group);
        put(parameters, "tenant", whose);
        put(parameters, "audience", audience);
        var answer = running.explain(parameters);
        var table = new Table("database", "server", "access", "why", "detail", "revision")
                .row(
                        Answers.text(answer, "database"),
                        Answers.text(answer, "server"),
                        Answers.text(answer, "access"),
                        Answers.text(answer, "why"),
                        Answers.text(answer, "detail"),
                        Answers.text(answer, "revision"));
        var steps = new Table("router", "answer", "reason");
        for (var step : answer.path("steps")) {
            steps.row(Answers.text(step, "router"), answer(step.path("answer").asString("")), Answers.text(step, "reason"));
        }
        show(answer, table, steps);
        return 0;
    }

    private int opened(@Nullable String whose) {
        var environment = ApplicationEnvironment.of(session, "explain");
        var standalone = config != null || "standalone".equalsIgnoreCase(environment.get("SHARDING_MODE"));
        var settings = settings(environment, standalone).withRouters(routers.chain());
        var of = settings.groups().getFirst();
        // no pools and no watch over replicas: an application would wait for them, and nobody reads anything here
        try (var directory = settings.source().open(settings.groups())) {
            var topology = directory.topology();
            topology.requireSchemasOfTheirOwn();
            if (whose == null && topology.group(of) instanceof Group.Sharded) {
                throw CliFailure.usage("The group '" + of + "' is sharded, so it depends on the tenant", "Say whose: TENANT");
            }
            // a tenant that is no valid id is refused for a global group too
            var id = whose == null ? null : topology.shardKey().type().canonical(new TenantId(whose));
            var hints = RoutingHints.of(of).withTenant(id).withAudience(audience);
            var router = new Router(directory, settings.routers());
            var access = router.access(read ? Access.READ : Access.WRITE, audience);
            List<RouteExplanation.Step> steps = new ArrayList<>();
            var decision = router.decide(hints, access, steps);
            var source = standalone ? "configuration" : decision.fromCache() ? "snapshot on disk" : "directory";
            show(access, steps, decision, source);
        }
        return 0;
    }

    private Settings settings(Map<String, String> environment, boolean standalone) {
        if (config != null) {
            var topology = new TopologyReader(environment::get).readFor(List.of(), config);
            var of = group != null ? group : onlyGroup(topology);
            return Settings.of(new TopologySource.Fixed(topology), of);
        }
        var of = group != null ? group : standalone ? onlyGroup(environment) : groupOfDirectory();
        return Settings.fromEnvironment(environment::get, List.of(of));
    }

    private void show(Access access, List<RouteExplanation.Step> asked, RouteDecision decision, String source) {
        var at = decision.location().primary();
        var address = at.host() + ":" + at.port() + "/" + at.database();
        var table = new Table("tenant", "group", "database", "address", "why", "router", "revision", "known from")
                .row(
                        decision.tenant() == null ? "" : String.valueOf(decision.tenant()),
                        decision.group(),
                        decision.database(),
                        address,
                        decision.reason(),
                        decision.router(),
                        decision.revision(),
                        source);
        var steps = new Table("router", "answer", "reason");
        asked.forEach(step -> steps.row(step.router(), answer(step.answer()), step.reason()));
        var servers = new Table("server", "address", "weight", "kept for", "may answer");
        var may = servers(access, decision);
        for (var server : may) {
            servers.row(
                    server.name(), server.address(), server.weight(), String.join(",", server.audiences()), server.role());
        }
        Map<String, Object> json = new LinkedHashMap<>();
        if (decision.tenant() != null) {
            json.put("tenant", String.valueOf(decision.tenant()));
        }
        json.put("group", decision.group());
        json.put("database", decision.database());
        json.put("flavor", at.flavor().id());
        json.put("address", address);
        json.put("reason", decision.reason());
        json.put("revision", decision.revision());
        json.put("from_cache", decision.fromCache());
        json.put("source", source);
        json.put("access", access.name().toLowerCase(Locale.ROOT));
        json.put("router", decision.router());
        json.put("steps", asked);
        json.put("servers", may);
        show(json, table, steps, servers);
    }

    /**
     * A server of the database that was chosen.
     *
     * @param name the database's name for its primary, else the replica's
     * @param address {@code host:port/database}
     * @param weight its share of the reads; 0 for the primary
     * @param audiences whom it is kept for
     * @param role when it answers; how it stands now, only the application knows
     */
    record Server(String name, String address, int weight, Set<String> audiences, String role) {}

    private List<Server> servers(Access access, RouteDecision decision) {
        var database = decision.location();
        boolean reads = access == Access.READ;
        boolean kept = audience != null && database.keepsFor(audience);
        var at = database.primary();
        boolean any = database.replicas().stream().anyMatch(replica -> kept || replica.audiences().isEmpty());
        var primary = new Server(
                database.name(),
                at.host() + ":" + at.port() + "/" + at.database(),
                0,
                Set.of(),
                !reads ? "yes" : kept ? "no: replicas are kept for the audience" : any ? "when no replica may" : "yes");
        var replicas = database.replicas().stream().map(replica -> {
            var place = replica.endpoint();
            var serves = kept ? replica.audiences().contains(audience) : replica.audiences().isEmpty();
            var only = decision.only();
            return new Server(
                    replica.name(),
                    place.host() + ":" + place.port() + "/" + place.database(),
                    replica.weight(),
                    replica.audiences(),
                    !reads
                            ? "no: a write"
                            : only != null
                                    ? only.equals(replica.name()) ? "yes: named by a router" : "no: a router names another"
                                    : !serves
                                            ? "no: kept for others"
                                            : "while it is in rotation and new enough");
        });
        return Stream.concat(Stream.of(primary), replicas).toList();
    }

    private void show(Object json, Table... tables) {
        for (int i = 0; i < tables.length; i++) {
            if (i > 0 && !session.options().json) {
                session.terminal().out().println();
            }
            session.print(json, tables[i]);
        }
    }

    private static String answer(@Nullable String answer) {
        return answer == null || answer.isEmpty() ? "(passes)" : answer;
    }

    private static void put(Map<String, String> parameters, String name, @Nullable String value) {
        if (value != null) {
            parameters.put(name, value);
        }
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
        return onlyGroup(fixed.topology());
    }

    private static String onlyGroup(Topology topology) {
        var groups = topology.groups().keySet();
        if (groups.size() != 1) {
            throw CliFailure.usage("There are several groups: " + groups, "Say which: --group GROUP");
        }
        return groups.iterator().next();
    }
}
