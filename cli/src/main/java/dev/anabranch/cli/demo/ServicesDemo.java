// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli.demo;

import dev.anabranch.cli.process.ServiceJar;
import dev.anabranch.cli.terminal.CliFailure;
import dev.anabranch.cli.terminal.Terminal;
import dev.anabranch.devcluster.Passwords;
import dev.anabranch.devcluster.PostgresServer;
import java.net.URI;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/**
 * Two services on one database: each brings its own schema to head at start, and neither sees the other's.
 *
 * <p>The database has an owner, {@code migrator}, and nothing else: the services make their schemas, and the roles that they log
 * in as, by themselves.
 */
public final class ServicesDemo extends RunningDemo {
    private static final String SERVER = "main";
    private static final String DATABASE = "services";
    private static final String OWNER = "migrator";

    /** Starts nothing yet but a folder. */
    public ServicesDemo(Terminal terminal) {
        super(terminal);
    }

    /** What came of it, and where to look while it is up. */
    public record Outcome(ServicesReport report, List<String> whereToLook) {
        /** Copies the lines. */
        public Outcome {
            whereToLook = List.copyOf(whereToLook);
        }
    }

    /** Starts everything, makes a few rows through each service's API, and looks at the database. */
    public Outcome run() {
        try {
            var outcome = guarded(this::outcome);
            if (outcome.report().exitCode().status() != 0) {
                keepLogs();
            }
            return outcome;
        } catch (RuntimeException e) {
            keepLogs();
            throw e;
        }
    }

    /** Says where to look, until Ctrl-C. */
    public void stayUp(Outcome outcome) throws InterruptedException {
        stayUp(outcome.whereToLook());
    }

    private Outcome outcome() {
        var processes = servers("a database server (PostgreSQL)", List.of(SERVER));
        var server = processes.postgres(SERVER);
        var ownerPassword = createOwner(server);
        var authPassword = Passwords.random();
        var billingPassword = Passwords.random();
        var topology = topology(server);
        var auth = start(processes, ServiceJar.AUTH, topology, "AUTH_PASSWORD", authPassword, ownerPassword);
        var billing =
                start(processes, ServiceJar.BILLING, topology, "BILLING_PASSWORD", billingPassword, ownerPassword);
        var rows = new ServicesRequests(auth, billing).send();
        terminal.say("Opened an account in auth; offered a plan, subscribed to it and issued an invoice in billing.");
        var report = ServicesReport.of(
                server, DATABASE, Map.of("auth", authPassword, "billing", billingPassword), rows);
        return new Outcome(report, whereToLook(server, environment(topology, authPassword, billingPassword, ownerPassword), auth, billing));
    }

    /** The owner may make the roles that the services log in as; that is all that anybody does by hand. */
    private static String createOwner(PostgresServer server) {
        var password = DemoProcesses.create(server, OWNER, DATABASE);
        try {
            server.execute("postgres", "ALTER ROLE " + OWNER + " CREATEROLE");
        } catch (SQLException e) {
            throw CliFailure.failed("The role " + OWNER + " may not make roles (" + e.getMessage() + ")", "", e);
        }
        return password;
    }

    private URI start(
            DemoProcesses processes, ServiceJar jar, Path topology, String variable, String password, String ownerPassword) {
        var environment = Map.of(
                "SHARDING_MODE", "standalone",
                "SHARDING_CONFIG", topology.toString(),
                variable, password,
                "MIGRATOR_PASSWORD", ownerPassword,
                "PORT", "0");
        var name = jar.title().replace(" service", "");
        return processes.start(jar, name, environment, "PORT_FILE", "-Xmx256m");
    }

    /** As examples/services.yaml, with this server's address and with paths that are found from anywhere. */
    private Path topology(PostgresServer server) {
        var url = server.jdbcUrl(DATABASE);
        var text = new StringBuilder("databases:\n");
        for (var service : List.of("auth", "billing")) {
            text.append("  ").append(service).append(":\n    url: \"").append(url).append("\"\n    user: ").append(service)
                    .append("_app\n    password: \"env:").append(service.toUpperCase(java.util.Locale.ROOT))
                    .append("_PASSWORD\"\n    owner: {user: ").append(OWNER)
                    .append(", password: \"env:MIGRATOR_PASSWORD\"}\n");
        }
        text.append("groups:\n");
        var examples = Path.of(System.getProperty("anabranch.home", "")).toAbsolutePath().resolve("examples");
        for (var jar : List.of(ServiceJar.AUTH, ServiceJar.BILLING)) {
            var service = jar.title().replace(" service", "");
            text.append("  ").append(service).append(":\n    kind: global\n    database: ").append(service)
                    .append("\n    schema: ").append(service).append("\n    migrations: \"")
                    .append(examples.resolve(service).resolve("src/main/resources/db/migration")).append("\"\n    desired: {entities: \"")
                    .append(jar.locate(terminal.environment())).append("\"}\n");
        }
        return folder.secret("anabranch.yaml", text.toString().strip());
    }

    /** The variables for a shell that looks at it all. */
    private Path environment(Path topology, String authPassword, String billingPassword, String ownerPassword) {
        return folder.secret(
                "environment",
                "export SHARDING_CONFIG='" + topology + "'\nexport AUTH_PASSWORD='" + authPassword
                        + "'\nexport BILLING_PASSWORD='" + billingPassword + "'\nexport MIGRATOR_PASSWORD='" + ownerPassword
                        + "'\nexport PGPASSWORD=\"$MIGRATOR_PASSWORD\"");
    }

    private static List<String> whereToLook(PostgresServer server, Path variables, URI auth, URI billing) {
        return List.of(
                "Auth, its API:         " + auth + "/swagger-ui.html",
                "Billing, its API:      " + billing + "/swagger-ui.html",
                "For the next three:    . " + variables + " (readable by you alone)",
                "Where each stands:     ./anabranch migrate status",
                "The next migration:    change an entity, build, ./anabranch migrate new --service billing -m \"add ...\"",
                "Database, with psql:   psql -h " + server.host() + " -p " + server.port() + " -U " + OWNER + " " + DATABASE);
    }
}
