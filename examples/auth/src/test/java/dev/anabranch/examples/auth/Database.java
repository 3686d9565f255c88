// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.auth;

import dev.anabranch.devcluster.PostgresServer;
import dev.anabranch.operations.migration.apply.MigrationSettings;
import dev.anabranch.operations.migration.apply.SchemaMigrator;
import dev.anabranch.operations.migration.apply.Target;
import dev.anabranch.operations.migration.files.MigrationSet;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.GroupSchema;
import dev.anabranch.topology.Topology;
import dev.anabranch.topology.TopologyReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A database that both example services share, as {@code examples/services.yaml} has it; the server is this JVM's. */
final class Database {
    private static final PostgresServer SERVER = PostgresServer.start("services");
    private static final String MIGRATOR = "migrator";
    private static final Map<String, String> PASSWORDS = Map.of(
            "MIGRATOR_PASSWORD", "migrates-42",
            "AUTH_PASSWORD", "auth-42",
            "BILLING_PASSWORD", "billing-42");

    private final String name;
    private final Path topology;

    private Database(String name, Path topology) {
        this.name = name;
        this.topology = topology;
    }

    /** An empty one that belongs to the owner who migrates. */
    static Database create(String name) throws SQLException, IOException {
        if (query("postgres", "select 1 from pg_roles where rolname = '" + MIGRATOR + "'").isEmpty()) {
            SERVER.createRole(MIGRATOR, password("MIGRATOR_PASSWORD"));
            SERVER.execute("postgres", "alter role " + MIGRATOR + " createrole");
        }
        SERVER.createDatabase(name, MIGRATOR);
        Path examples = Path.of("..").toAbsolutePath().normalize();
        String shipped = Files.readString(examples.resolve("services.yaml"));
        String here = shipped.replace("127.0.0.1:5432/services", "127.0.0.1:" + SERVER.port() + "/" + name)
                .replace("migrations: ", "migrations: " + examples + "/")
                .replace("entities: ", "entities: " + examples + "/");
        Path folder = Files.createDirectories(Path.of("target", "topologies"));
        return new Database(name, Files.writeString(folder.resolve(name + ".yaml"), here));
    }

    static String password(String variable) {
        return PASSWORDS.getOrDefault(variable, "");
    }

    /** What tells the service where it is, as arguments; no password that it does not need. */
    List<String> arguments() {
        List<String> arguments = new ArrayList<>(argumentsWithoutOwner());
        arguments.add("--MIGRATOR_PASSWORD=" + password("MIGRATOR_PASSWORD"));
        return arguments;
    }

    /** As {@link #arguments()}, for a process that is not trusted to migrate. */
    List<String> argumentsWithoutOwner() {
        return List.of(
                "--SHARDING_MODE=standalone",
                "--SHARDING_CONFIG=" + topology,
                "--AUTH_PASSWORD=" + password("AUTH_PASSWORD"));
    }

    /** Migrates a service's schema from its own files up to a version, as the CLI would. */
    void migrate(String group, long version) {
        Topology read = new TopologyReader(PASSWORDS::get).read(topology);
        Group service = read.group(group);
        String folder = service.schema().flatMap(GroupSchema::migrations).orElseThrow();
        migrate(group, MigrationSet.ofFolder(Path.of(folder)).upTo(version));
    }

    /** Migrates a service's schema from these files. */
    void migrate(String group, MigrationSet files) {
        Topology read = new TopologyReader(PASSWORDS::get).read(topology);
        Group service = read.group(group);
        String database = service.databases().iterator().next();
        new SchemaMigrator(MigrationSettings.DEFAULT)
                .migrate(Target.of(service, read.database(database)), files);
    }

    /** The versions of a service's history, in order. */
    List<String> history(String schema) throws SQLException {
        return ask("select version from " + schema + ".flyway_schema_history where version is not null order by installed_rank");
    }

    /** Every table with its columns, index and constraint of all schemas but the server's, one to a line. */
    List<String> catalog(String schemas) throws SQLException {
        return ask(
                """
                select line from (
                  select n.nspname as schema, 'column ' || c.relname || '.' || a.attname || ' '
                         || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull || ' ' || c.relowner::regrole
                         || ' ' || coalesce(c.relacl::text, '') as line
                    from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
                   where a.attnum > 0
                  union all
                  select n.nspname, 'constraint ' || conname || ' ' || pg_get_constraintdef(k.oid)
                    from pg_constraint k join pg_namespace n on n.oid = k.connamespace
                  union all
                  select n.nspname, 'schema ' || n.nspname || ' ' || n.nspowner::regrole || ' ' || coalesce(n.nspacl::text, '')
                    from pg_namespace n
                ) as everything
                where schema <> 'information_schema' and schema !~ '^pg_' and schema %s
                order by line
                """
                        .formatted(schemas));
    }

    /** What the first column of a query has, asked as the superuser. */
    List<String> ask(String sql) throws SQLException {
        return query(name, sql);
    }

    /** Executes a statement as the superuser. */
    void execute(String sql) throws SQLException {
        SERVER.execute(name, sql);
    }

    /** A connection as one of the roles. */
    Connection connect(String role, String variable) throws SQLException {
        return SERVER.connect(name, role, password(variable));
    }

    private static List<String> query(String database, String sql) throws SQLException {
        try (Connection connection = SERVER.connect(database);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> all = new ArrayList<>();
            while (rows.next()) {
                all.add(rows.getString(1));
            }
            return all;
        }
    }
}
