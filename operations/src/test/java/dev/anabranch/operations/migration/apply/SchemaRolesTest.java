// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.apply;

import dev.anabranch.operations.migration.files.MigrationSet;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Secret;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

import static dev.anabranch.operations.migration.apply.MigrationServers.connect;
import static dev.anabranch.operations.migration.apply.MigrationServers.execute;
import static dev.anabranch.operations.migration.apply.MigrationServers.query;
import static dev.anabranch.operations.migration.apply.MigrationServers.set;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class SchemaRolesTest {
    private static final MigrationSet SET = set(
            "first\nCREATE TABLE plan (id bigint GENERATED ALWAYS AS IDENTITY, name text, n serial);",
            """
            second
            CREATE TABLE later (id bigserial, name text);
            CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT 2 * n';
            REVOKE EXECUTE ON FUNCTION twice FROM PUBLIC;
            CREATE FUNCTION thrice(n int) RETURNS int LANGUAGE sql AS 'SELECT 3 * n';
            """);

    private final SchemaMigrator migrator = new SchemaMigrator(MigrationSettings.DEFAULT);

    private static Target target(String schema, Database database) {
        return new Target(schema, database, schema);
    }

    @Test
    void theApplicationReadsAndWritesRowsAndChangesNothingElse() throws Exception {
        Database database = MigrationServers.owned();
        execute(database, "GRANT CREATE ON SCHEMA public TO PUBLIC");
        // Also in the schema itself, as somebody may have granted it by hand.
        migrator.migrate(target("auth", database), set("secret\nCREATE TABLE password (hash text);"));
        execute(database, "GRANT CREATE ON SCHEMA auth TO " + database.primary().user());
        migrator.migrate(target("auth", database), set("secret\nCREATE TABLE password (hash text);", "b\nSELECT 1;"));
        try (Connection app = connect(database.primary())) {
            run(app, "INSERT INTO auth.password VALUES ('x')");
            assertDenied(app, "CREATE TABLE auth.mine (id int)");
        }
        // A neighbour with an application of its own.
        var other = new Database(
                database.name(),
                database.primary().as(database.name() + "_billing", MigrationServers.APP_PASSWORD),
                database.ownerLogin(),
                null);
        Target billing = target("billing", other);
        migrator.migrate(billing, SET.upTo(1));
        migrator.migrate(billing, SET);
        try (Connection app = connect(other.primary())) {
            run(app, "INSERT INTO billing.plan (name) VALUES ('free')");
            run(app, "UPDATE billing.plan SET name = 'paid'");
            assertThat(query(app, "SELECT name || n FROM billing.plan")).containsExactly("paid1");
            run(app, "DELETE FROM billing.plan");
            // Of the second migration, by default privileges.
            run(app, "INSERT INTO billing.later (name) VALUES ('x')");
            assertThat(query(app, "SELECT billing.twice(id::int) + billing.thrice(1) FROM billing.later")).containsExactly("5");
            assertThat(query(app, "SELECT version FROM billing.flyway_schema_history ORDER BY 1")).containsExactly("1", "2");
            assertDenied(app, "INSERT INTO billing.flyway_schema_history SELECT * FROM billing.flyway_schema_history");
            assertDenied(app, "DELETE FROM billing.flyway_schema_history");
            assertDenied(app, "CREATE TABLE billing.mine (id int)");
            assertDenied(app, "ALTER TABLE billing.plan ADD more text");
            assertDenied(app, "DROP TABLE billing.plan");
            assertDenied(app, "TRUNCATE billing.plan");
            assertDenied(app, "SELECT * FROM auth.password");
            assertDenied(app, "CREATE SCHEMA mine");
        }
    }

    @Test
    void thePasswordOfTheNewRoleIsNeverInTheServersLog() throws Exception {
        Database database = MigrationServers.owned();
        execute(database, "ALTER DATABASE " + database.name() + " SET log_statement = 'all'");
        migrator.migrate(target("app", database), SET);
        try (Connection app = connect(database.primary())) {
            assertThat(query(app, "SELECT current_user")).containsExactly(database.primary().user());
        }
        assertThat(Files.readString(MigrationServers.postgres().log(), StandardCharsets.UTF_8))
                .contains("CREATE ROLE \"" + database.primary().user() + "\"")
                .doesNotContain(MigrationServers.APP_PASSWORD.reveal());
    }

    @Test
    void aVerifierIsWhatTheServerWouldHaveStored() {
        // RFC 7677, section 3: user and pencil, with the salt given there.
        byte[] salt = java.util.Base64.getDecoder().decode("W22ZaJ0SNY7soEsUEjb6gQ==");
        assertThat(ScramVerifier.of(Secret.of("pencil"), salt, 4096))
                .isEqualTo("SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="
                        + ":wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=");
    }

    @Test
    void tellsAnAdministratorWhatToRunWhereTheOwnerMayNot() {
        Database database = MigrationServers.owned();
        String owner = database.owner().orElseThrow().user();
        execute(database, "ALTER DATABASE " + database.name() + " OWNER TO postgres; ALTER ROLE " + owner + " NOCREATEROLE");
        Target target = target("billing", database);
        assertRefused(target, "may not make the schema billing", "CREATE SCHEMA \"billing\" AUTHORIZATION \"" + owner + "\"");
        execute(database, "CREATE SCHEMA billing");
        assertRefused(target, "does not own the schema billing, which is postgres's",
                "ALTER SCHEMA \"billing\" OWNER TO \"" + owner + "\"");
        execute(database, "ALTER SCHEMA billing OWNER TO " + owner);
        assertRefused(target, "may not make the application's role " + database.primary().user(),
                "CREATE ROLE \"" + database.primary().user() + "\" LOGIN PASSWORD '<the password>'");
        execute(database, "CREATE ROLE " + database.primary().user() + " LOGIN");
        assertThat(migrator.migrate(target, SET).to()).isEqualTo(2);
    }

    private void assertRefused(Target target, String problem, String hint) {
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() -> migrator.migrate(target, SET))
                .withMessageContaining(problem)
                .withMessageContaining(hint)
                .withMessageNotContaining(MigrationServers.APP_PASSWORD.reveal())
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION_INVALID));
        assertThat(query(target.database(), "SELECT to_regclass('billing.flyway_schema_history')")).containsExactly("null");
    }

    @Test
    void saysThatAPowerfulApplicationCannotBeRestrained() {
        Database database = MigrationServers.owned();
        execute(database, "CREATE ROLE " + database.primary().user() + " SUPERUSER LOGIN");
        List<String> noticed = new ArrayList<>();
        migrator.migrate(target("app", database), SET, new MigrationListener() {
            @Override
            public void noticed(String what) {
                noticed.add(what);
            }
        });
        assertThat(noticed).hasSize(1).first().asString().contains("is a superuser or a member of");
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static void assertDenied(Connection connection, String sql) {
        assertThatExceptionOfType(SQLException.class)
                .as(sql)
                .isThrownBy(() -> run(connection, sql))
                .satisfies(e -> assertThat(e.getSQLState()).isEqualTo("42501"));
    }

    @Test
    void whatAFileTakesAwayStaysAway() throws Exception {
        Database database = MigrationServers.owned();
        String app = database.primary().user();
        String audit = "audit\nCREATE TABLE audit (what text);"
                + " CREATE FUNCTION wipe() RETURNS int LANGUAGE sql AS 'SELECT 1';";
        String revoke = "revoke\nREVOKE UPDATE, DELETE ON audit FROM " + app + "; REVOKE EXECUTE ON FUNCTION wipe FROM PUBLIC, "
                + app + ";";
        Target target = target("app", database);
        migrator.migrate(target, set(audit, revoke));
        execute(database, "CREATE TABLE app.foreign_to_us (id int)");
        migrator.migrate(target, set(audit, revoke, "more\nCREATE TABLE more (id int);"));
        try (Connection connection = connect(database.primary())) {
            run(connection, "INSERT INTO app.audit VALUES ('x')");
            run(connection, "INSERT INTO app.more VALUES (1)");
            assertDenied(connection, "DELETE FROM app.audit");
            assertDenied(connection, "SELECT app.wipe()");
        }
    }

    @Test
    void aNewLoginOfTheApplicationIsLetIntoASchemaThatIsCurrent() throws Exception {
        Database database = MigrationServers.owned();
        String secret = "secret\nCREATE TABLE kept (id int); CREATE FUNCTION wipe() RETURNS int LANGUAGE sql AS 'SELECT 1';"
                + " REVOKE EXECUTE ON FUNCTION wipe FROM PUBLIC;";
        migrator.migrate(target("app", database), set(secret));
        execute(database, "CREATE TABLE app.foreign_to_us (id int)");
        var renamed = new Database(
                database.name(),
                database.primary().as(database.name() + "_new", MigrationServers.APP_PASSWORD),
                database.ownerLogin(),
                null);
        List<String> noticed = new ArrayList<>();
        assertThat(migrator.migrate(target("app", renamed), set(secret), hearing(noticed)).applied()).isEmpty();
        assertThat(noticed).hasSize(1).first().asString().contains("app\".\"foreign_to_us");
        try (Connection app = connect(renamed.primary())) {
            run(app, "INSERT INTO app.kept VALUES (1)");
            assertThat(query(app, "SELECT version FROM app.flyway_schema_history")).containsExactly("1");
            assertDenied(app, "DELETE FROM app.flyway_schema_history");
            assertDenied(app, "SELECT app.wipe()");
        }
    }

    @Test
    void leavesToOthersWhatEverybodyMayDo() throws Exception {
        Database database = MigrationServers.plain();
        String owner = database.name();
        execute(database, "ALTER ROLE " + owner + " CREATEROLE; GRANT CREATE ON SCHEMA public TO PUBLIC");
        var owned = new Database(
                owner,
                database.primary().as(owner + "_app", MigrationServers.APP_PASSWORD),
                new dev.anabranch.topology.Login(owner, MigrationServers.APP_PASSWORD),
                null);
        List<String> noticed = new ArrayList<>();
        migrator.migrate(target("app", owned), SET, hearing(noticed));
        assertThat(query(database, "SELECT has_schema_privilege('public', 'public', 'CREATE')")).containsExactly("t");
        assertThat(noticed).hasSize(1).first().asString().contains("REVOKE CREATE ON SCHEMA public FROM PUBLIC, \"" + owner + "_app\"");
    }

    @Test
    void withoutAnOwnerItIsEnoughToMayMakeObjects() {
        Database database = MigrationServers.plain();
        execute(database, "ALTER DATABASE " + database.name() + " OWNER TO postgres");
        assertRefused(target("public", database), "may not make objects in the schema public",
                "GRANT USAGE, CREATE ON SCHEMA \"public\" TO \"" + database.name() + "\"");
        execute(database, "GRANT CREATE ON SCHEMA public TO " + database.name());
        assertThat(migrator.migrate(target("public", database), SET).to()).isEqualTo(2);
    }

    @Test
    void theHistoryIsProtectedThoughTheFirstFileWasTriedTwice() throws Exception {
        Database database = MigrationServers.owned();
        execute(database, "CREATE TABLE held (id int); GRANT ALL ON held TO PUBLIC; GRANT USAGE ON SCHEMA public TO PUBLIC");
        Target target = target("app", database);
        var hasty = new SchemaMigrator(MigrationSettings.DEFAULT.withLockTimeout(java.time.Duration.ofMillis(50)));
        try (Connection holder = MigrationServers.postgres().connect(database.name());
                Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("LOCK TABLE held");
            hasty.migrate(target, set("first\nSELECT * FROM public.held;"), new MigrationListener() {
                @Override
                public void retrying(int attempt, String cause) {
                    try {
                        holder.rollback();
                    } catch (SQLException e) {
                        throw new IllegalStateException(e);
                    }
                }
            });
        }
        try (Connection app = connect(database.primary())) {
            assertDenied(app, "DELETE FROM app.flyway_schema_history");
        }
    }

    private static MigrationListener hearing(List<String> noticed) {
        return new MigrationListener() {
            @Override
            public void noticed(String what) {
                noticed.add(what);
            }
        };
    }
}
