// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

import dev.anabranch.devcluster.PostgresServer;
import dev.anabranch.problem.AnabranchException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static dev.anabranch.operations.migration.lint.Files.ids;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What only running the files shows. */
class TraceTest {
    private static PostgresServer server;
    private Connection connection;

    @BeforeAll
    static void start() throws SQLException {
        server = PostgresServer.start("lint-trace");
        server.createRole("owner", "secret");
        server.createDatabase("app", "owner");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void connect() throws SQLException {
        connection = DriverManager.getConnection(server.jdbcUrl("app"), "owner", "secret");
        execute("CREATE SCHEMA IF NOT EXISTS auth", "CREATE TABLE IF NOT EXISTS auth.login (id bigint PRIMARY KEY)");
    }

    @AfterEach
    void nothingIsLeft() throws SQLException {
        assertThat(connection.getAutoCommit()).isTrue();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'anabranch%'")) {
            rows.next();
            assertThat(rows.getInt(1)).isZero();
        }
        connection.close();
    }

    private void execute(String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String one : statements) {
                statement.execute(one);
            }
        }
    }

    private LintReport trace(String... texts) {
        return Lint.of(Files.context(Files.set(texts)).withTimeoutsByRunner().withScratch(connection));
    }

    private List<String> traced(String... texts) {
        return ids(trace(texts).findings());
    }

    @Test
    void findsWhatADoBlockDoes() {
        assertThat(traced("DO $$ BEGIN create index x on account (plan); END $$;")).containsExactly("index-not-concurrent");
        assertThat(traced("DO $$ BEGIN EXECUTE 'drop ' || 'index account_email_idx'; END $$;"))
                .containsExactly("drop-index-not-concurrent");
        assertThat(traced("DO $$ BEGIN alter table invoice add foreign key (account_id) references account; END $$;"))
                .containsExactly("foreign-key-validated");
        assertThat(traced("DO $$ BEGIN alter table account add check (price > 0); END $$;")).containsExactly("check-validated");
        assertThat(traced("DO $$ BEGIN alter table account add unique (plan); END $$;"))
                .containsExactly("unique-not-using-index");
        assertThat(traced("DO $$ BEGIN alter table account alter plan set not null; END $$;"))
                .containsExactly("set-not-null-unchecked");
        assertThat(traced("DO $$ BEGIN alter table account drop column plan; END $$;")).containsExactly("drop-breaks-code");
        assertThat(traced("DO $$ BEGIN alter table account rename plan to tariff; END $$;"))
                .containsExactly("rename-breaks-code");
        assertThat(traced("DO $$ BEGIN drop table invoice; END $$;")).containsExactly("drop-breaks-code");
        assertThat(traced("DO $$ BEGIN alter table account alter price type bigint; END $$;")).containsExactly("table-rewrites");
        assertThat(traced("DO $$ BEGIN lock account in share row exclusive mode; END $$;")).containsExactly("lock-in-body");
        assertThat(traced("DO $$ BEGIN alter table account add column extra text; END $$;")).containsExactly("lock-in-body");
        assertThat(traced("DO $$ BEGIN perform count(*) from account; grant select on account to current_user; END $$;")).isEmpty();
        assertThat(traced("DO $$ BEGIN create table made (id int); create index on made (id); END $$;")).isEmpty();
    }

    @Test
    void findsWhatAFunctionDoes() {
        String function = "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS 'BEGIN create index x on account (plan); END';";
        LintReport report = trace(function, "\nSELECT f();");
        assertThat(report.findings()).singleElement().satisfies(finding -> {
            assertThat(finding.toString()).startsWith("V3__next.sql:2: error index-not-concurrent: It makes the index x on account");
            assertThat(finding.statement()).isEqualTo("SELECT f()");
        });
    }

    @Test
    void findsARewriteByAFunctionsVolatility() {
        String function = "CREATE FUNCTION token() RETURNS text LANGUAGE sql AS $$ SELECT md5(random()::text) $$;";
        String column = "ALTER TABLE account ADD COLUMN token text DEFAULT token();";
        assertThat(Files.lint(function, column)).isEmpty();
        assertThat(traced(function, column)).containsExactly("volatile-default");
        assertThat(traced(function.replace("LANGUAGE", "STABLE LANGUAGE"), column)).isEmpty();
    }

    @Test
    void aTypeChangeIsJudgedByWhatItDoes() {
        String same = "ALTER TABLE account ALTER seen TYPE timestamptz(6);";
        assertThat(ids(Files.lint(same))).containsExactly("type-change-rewrites");
        assertThat(traced("CREATE DOMAIN label AS text;\nALTER TABLE account ALTER plan TYPE label;")).isEmpty();
        LintReport report = trace("ALTER TABLE account ALTER price TYPE bigint;");
        assertThat(report.findings()).as("found both ways, told once").hasSize(1);
    }

    /** Without a scratch copy the same file needs the comment. */
    @Test
    void aCommentIsOfUseThoughTheScratchCopyShowsNoHarm() {
        String allowed = "-- lint: allow type-change-rewrites because its constraints are none\n";
        String sql = "CREATE DOMAIN label AS text;\n" + allowed + "ALTER TABLE account ALTER plan TYPE label;";
        assertThat(Files.lint(sql)).isEmpty();
        assertThat(traced(sql)).isEmpty();
        assertThat(traced(allowed + "ALTER TABLE account ALTER plan DROP DEFAULT;")).containsExactly("suppression-unused");
    }

    @Test
    void aMissingTimeoutIsFoundInABlock() {
        LintContext context = Files.context(Files.set("DO $$ BEGIN alter table account add column extra text; END $$;"));
        assertThat(ids(Lint.of(context.withScratch(connection)).findings())).contains("missing-timeout");
    }

    @Test
    void findsWhatIsTouchedOutside() throws SQLException {
        assertThat(traced("DO $$ BEGIN EXECUTE 'insert into ' || 'auth' || '.login values (1)'; END $$;"))
                .containsExactly("foreign-schema");
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT count(*) FROM auth.login")) {
            rows.next();
            assertThat(rows.getInt(1)).isZero();
        }
    }

    @Test
    void whatNamesAnotherSchemaIsNotRun() {
        LintReport report = trace("DROP TABLE auth.login;", "ALTER TABLE billing.account ADD COLUMN x text;");
        assertThat(ids(report.findings())).containsExactly("drop-breaks-code", "foreign-schema", "own-schema-named");
        assertThat(report.notes()).hasSize(2).allMatch(note -> note.contains("was not traced"));
    }

    @Test
    void whatReachesBeyondTheSchemaIsNotRunAndNoted() {
        LintReport report = trace(
                "CREATE EXTENSION IF NOT EXISTS hstore;\nCREATE ROLE tracer;\nCREATE TABLE made (tags hstore);\n"
                        + "GRANT SELECT ON account TO tracer;\nSELECT 1;");
        assertThat(ids(report.findings())).containsExactly("create-extension");
        assertThat(report.notes()).hasSize(4).allMatch(note -> note.contains("was not traced"));
        assertThat(report.notes().get(0)).contains("V2__next.sql:1", "CREATE EXTENSION");
        assertThat(report.notes().get(1)).contains("V2__next.sql:2", "CREATE ROLE");
        assertThat(report.notes().get(3)).contains("V2__next.sql:4", "tracer");
    }

    @Test
    void aStatementThatFailsIsToldWithItsLineAndState() {
        LintReport report = trace("SELECT 1;\nCREATE TABLE made (\n  id bigint,\n  nmae tetx\n);\nSELECT 2;");
        assertThat(report.findings()).singleElement().satisfies(finding -> assertThat(finding.toString())
                .startsWith("V2__next.sql:4: error statement-fails: type \"tetx\" does not exist (SQLState 42704)"));
        assertThat(traced("CREATE TABEL x (id int);")).containsExactly("statement-fails");
    }

    @Test
    void aSetAsTheGeneratorWritesItPasses() {
        LintReport report = trace(
                """
                CREATE TABLE plan (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL);
                CREATE UNIQUE INDEX plan_name_idx ON plan (name);
                ALTER TABLE account ADD COLUMN plan_id bigint;
                ALTER TABLE account ADD CONSTRAINT account_plan_fkey FOREIGN KEY (plan_id) REFERENCES plan (id) NOT VALID;
                ALTER TABLE account ADD CONSTRAINT account_plan_not_null CHECK (plan IS NOT NULL) NOT VALID;
                """,
                """
                -- V3__next_online.sql
                CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS account_email_key ON account (email);
                ALTER TABLE account VALIDATE CONSTRAINT account_plan_fkey;
                ALTER TABLE account VALIDATE CONSTRAINT account_plan_not_null;
                ALTER TABLE account ALTER COLUMN plan SET NOT NULL;
                ALTER TABLE account DROP CONSTRAINT IF EXISTS account_plan_not_null;
                DO $$ BEGIN UPDATE account SET plan = 'x' WHERE id = 1; COMMIT; END $$;
                """,
                """
                ALTER TABLE account ADD CONSTRAINT account_email_key UNIQUE USING INDEX account_email_key;
                """);
        assertThat(report.findings()).isEmpty();
        assertThat(report.notes()).singleElement().asString().contains("V3__next_online.sql:7", "transaction");
    }

    @Test
    void aConnectionThatCannotMakeASchemaIsToldWithoutACredential() throws SQLException {
        server.createRole("reader", "quite-secret");
        try (Connection reader = DriverManager.getConnection(server.jdbcUrl("app"), "reader", "quite-secret")) {
            LintContext context = Files.context(Files.set("SELECT 1;")).withScratch(reader);
            assertThatThrownBy(() -> Lint.of(context))
                    .isInstanceOf(AnabranchException.class)
                    .hasMessageContaining("permission denied")
                    .hasMessageNotContaining("quite-secret");
        }
    }
}
