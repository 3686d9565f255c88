// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import dev.anabranch.problem.AnabranchException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class CatalogDiffTest {
    private static Schemas schemas;

    @BeforeAll
    static void start() throws SQLException {
        schemas = Schemas.database();
    }

    @AfterAll
    static void stop() throws SQLException {
        schemas.close();
    }

    private static final String SHOP = """
            create type status as enum ('open', 'paid');
            create table plan (
                id bigserial primary key, name text not null unique, price numeric(10,2) check (price > 0),
                twice numeric(10,2) generated always as (price * 2) stored, s status default 'open');
            create index plan_price_idx on plan (price desc) where price > 1;
            create table invoice (id int primary key, price int, plan_id bigint references plan (id) on delete cascade);
            create view cheap as select id, price as amount from plan where price < 10;
            alter table plan enable row level security;
            create policy mine on plan using (price > 0);
            create function touch() returns trigger language plpgsql as $$begin return new; end$$;
            create trigger touch before update of price on plan for each row when (new.price > 3) execute function touch();
            create statistics st on price, name from plan;
            comment on column plan.price is 'in euros';
            """;

    @Test
    void renamesAColumnWithAllThatHangsOnIt() throws SQLException {
        String renamed = SHOP.replace("price numeric", "amount numeric")
                .replace("check (price", "check (amount")
                .replace("(price * 2)", "(amount * 2)")
                .replace("plan (price desc) where price", "plan (amount desc) where amount")
                .replace("select id, price as amount from plan where price", "select id, amount from plan where amount")
                .replace("using (price", "using (amount")
                .replace("of price on plan for each row when (new.price", "of amount on plan for each row when (new.amount")
                .replace("on price, name from", "on amount, name from")
                .replace("plan.price is", "plan.amount is");
        CatalogSnapshot wanted = schemas.make("wanted", renamed);
        schemas.make("there", SHOP);
        schemas.run("insert into plan (name, price) values ('a', 5)");
        List<Step> steps = schemas.bring("there", wanted, Renames.parse(List.of("plan.price:amount")));
        assertThat(steps).extracting(Step::sql).containsExactly("ALTER TABLE plan RENAME COLUMN price TO amount");
        assertThat(number("select amount::int from there.plan")).isEqualTo(5);
    }

    @Test
    void renamesTablesAndColumnsInOneGo() throws SQLException {
        String renamed = SHOP.replace("table plan", "table \"Tariff\"")
                .replace("on plan", "on \"Tariff\"")
                .replace("references plan (id)", "references \"Tariff\" (key)")
                .replace("from plan", "from \"Tariff\"")
                .replace("id bigserial", "key bigserial")
                .replace("select id", "select key as id")
                .replace("column plan", "column \"Tariff\"");
        CatalogSnapshot wanted = schemas.make("wanted", renamed);
        schemas.make("there", SHOP);
        List<Step> steps =
                schemas.bring("there", wanted, Renames.parse(List.of("plan:Tariff", "Tariff.id:key")));
        assertThat(steps).noneMatch(Step::isDestructive).noneMatch(step -> step.sql().startsWith("CREATE TABLE"));
    }

    @Test
    void renamesInACircle() throws SQLException {
        CatalogSnapshot wanted = schemas.make("wanted", "create table b (y int, x text); create table a (z int)");
        schemas.make("there", "create table a (x int, y text); create table b (z int)");
        List<Step> steps =
                schemas.bring("there", wanted, Renames.parse(List.of("a:b", "b:a", "b.x:y", "b.y:x")));
        assertThat(steps).noneMatch(Step::isDestructive);
    }

    @Test
    void renamesTheColumnOfAPartitionedTable() throws SQLException {
        String event = """
                create table event (id int, day date, n int, primary key (id, day)) partition by range (day);
                create table event_1 partition of event for values from ('2026-01-01') to ('2027-01-01');
                create index on event (n);
                """;
        CatalogSnapshot wanted = schemas.make("wanted", event.replace("day", "at").replace("n int", "m int").replace("(n)", "(m)"));
        schemas.make("there", event);
        List<Step> steps = schemas.bring("there", wanted, Renames.parse(List.of("event.day:at", "event.n:m")));
        assertThat(steps).hasSize(2);
    }

    @Test
    void renamesATableWhoseRowsAFunctionTakes() throws SQLException {
        String plan = """
                create table plan (id int);
                create function f(p plan) returns int language sql immutable as $$select 1$$;
                alter table plan add check (f(plan) > 0);
                """;
        CatalogSnapshot wanted = schemas.make("wanted", plan.replaceAll("\\bplan\\b", "tariff"));
        schemas.make("there", plan);
        assertThat(schemas.bring("there", wanted, Renames.parse(List.of("plan:tariff")))).hasSize(1);
    }

    @Test
    void spreadsWhatWouldLockLongOverThePhases() throws SQLException {
        String shop = "create table plan (id int primary key, name text); create table invoice (id int primary key, plan_id int);";
        schemas.make("there", shop + "create index plan_idx on plan (name)");
        CatalogSnapshot wanted = schemas.make("wanted", shop + """
                alter table plan alter column name set not null;
                alter table plan add unique (name);
                create index plan_idx on plan (name desc);
                alter table plan add check (name <> '');
                alter table invoice add foreign key (plan_id) references plan;
                """);
        assertThat(Schemas.text(schemas.bring("there", wanted, Renames.NONE))).isEqualTo("""
                EXPAND: ALTER TABLE plan ADD CONSTRAINT plan_name_not_null_check CHECK (name IS NOT NULL) NOT VALID;
                EXPAND: ALTER TABLE invoice ADD CONSTRAINT invoice_plan_id_fkey FOREIGN KEY (plan_id) REFERENCES plan(id) NOT VALID;
                EXPAND: ALTER TABLE plan ADD CONSTRAINT plan_name_check CHECK ((name <> ''::text)) NOT VALID;
                EXPAND: ALTER INDEX plan_idx RENAME TO plan_idx_old;
                ONLINE: ALTER TABLE plan VALIDATE CONSTRAINT plan_name_not_null_check;
                ONLINE: ALTER TABLE plan ALTER COLUMN name SET NOT NULL;
                ONLINE: ALTER TABLE invoice VALIDATE CONSTRAINT invoice_plan_id_fkey;
                ONLINE: ALTER TABLE plan VALIDATE CONSTRAINT plan_name_check;
                ONLINE: CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS plan_name_key ON plan USING btree (name);
                ONLINE: CREATE INDEX CONCURRENTLY IF NOT EXISTS plan_idx ON plan USING btree (name DESC);
                ONLINE: DROP INDEX CONCURRENTLY IF EXISTS plan_idx_old;
                CONTRACT: ALTER TABLE plan DROP CONSTRAINT plan_name_not_null_check;
                CONTRACT: ALTER TABLE plan ADD CONSTRAINT plan_name_key UNIQUE USING INDEX plan_name_key;""");
    }

    @Test
    void changesATypeInTheFirstPhaseWithTheViewsAroundIt() throws SQLException {
        String view = "create view v as select price, old from plan where price > 0";
        schemas.make("there", "create table plan (price numeric(10,2), old int);" + view);
        CatalogSnapshot wanted = schemas.make(
                "wanted", "create table plan (price numeric(12,2));" + view.replace(", old", ""));
        List<Step> steps = schemas.bring("there", wanted, Renames.NONE);
        assertThat(steps).extracting(step -> step.phase() + " " + step.sql().lines().findFirst().orElseThrow())
                .containsExactly(
                        "EXPAND DROP VIEW v",
                        "EXPAND ALTER TABLE plan ALTER COLUMN price TYPE numeric(12,2)",
                        "EXPAND CREATE VIEW v AS",
                        "CONTRACT ALTER TABLE plan DROP COLUMN old");
    }

    @Test
    void carriesTheRowsOver() throws SQLException {
        CatalogSnapshot wanted = schemas.make("wanted", """
                create type status as enum ('paid', 'open', 'late');
                create type address as (street text, zip text);
                create table plan (id bigint primary key, s status default 'open' not null, ss status[], a address, n text,
                    "at" timestamptz not null, code text unique);
                """);
        schemas.make("there", """
                create type status as enum ('open', 'paid', 'gone');
                create type address as (street text, zip varchar(9));
                create table plan (id int primary key, s status default 'paid', ss status[], a address, n int, "at" timestamptz, code text);
                insert into plan values (1, 'open', '{paid,open}', row('x, "y"', '8001'), 7, now(), 'c');
                """);
        schemas.bring("there", wanted, Renames.NONE);
        assertThat(text("select id || ' ' || s || ' ' || ss::text || ' ' || (a).street || ' ' || n from there.plan"))
                .isEqualTo("1 open {paid,open} x, \"y\" 7");
    }

    @Test
    void refusesARenameOfWhatIsNotThere() throws SQLException {
        CatalogSnapshot one = schemas.make("there", "create table plan (id int)");
        for (String rename : List.of("nothing:plan", "plan:nothing", "plan.nothing:id", "plan.id:nothing", "nothing.id:id")) {
            assertThatThrownBy(() -> CatalogDiff.between(one, one, Renames.parse(List.of(rename))))
                    .as(rename)
                    .isInstanceOf(AnabranchException.class)
                    .hasMessageContaining("nothing");
        }
    }

    @Test
    void asksWhetherADropIsARename() throws SQLException {
        CatalogSnapshot from = schemas.make("there", "create table plan (id int, price numeric); create table old (a int, b text)");
        CatalogSnapshot to = schemas.make("wanted", "create table plan (id int, amount numeric); create table fresh (a int, b text)");
        List<Step> drops =
                CatalogDiff.between(from, to, Renames.NONE).stream().filter(Step::isDestructive).toList();
        assertThat(drops).extracting(Step::sql).containsExactly("DROP TABLE old", "ALTER TABLE plan DROP COLUMN price");
        assertThat(drops)
                .extracting(Step::question)
                .containsExactly(
                        "if old was renamed to fresh, generate again with --rename old:fresh",
                        "if plan.price was renamed, generate again with --rename plan.price:amount");
    }

    @Test
    void saysWhatDiffersObjectByObject() throws SQLException {
        CatalogSnapshot there = schemas.make("there", """
                create table plan (id int primary key, price numeric(10,2), name text default 'x', gone int);
                create table extra (id int);
                create type status as enum ('a');
                create view v as select 1 as one;
                """);
        CatalogSnapshot wanted = schemas.make("wanted", """
                create table plan (id int primary key, price numeric(12,2) not null, name text);
                create index plan_name_idx on plan (name);
                create table missing (id int primary key);
                create type status as enum ('a', 'b');
                create view v as select 2 as one;
                """);
        assertThat(CatalogDiff.describe(there, wanted)).containsExactly(
                "missing table missing",
                "missing index plan_name_idx on table plan",
                "unexpected table extra",
                "unexpected column plan.gone",
                "type status has the values [a], expected [a, b]",
                "column plan.name has the default 'x'::text, expected none",
                "column plan.price is numeric(10,2), expected numeric(12,2)",
                "column plan.price is nullable, expected not null",
                "view v is defined in another way than expected");
        assertThat(CatalogDiff.describe(there, there)).isEmpty();
    }

    @Test
    void leavesANeighbourOfTwoHundredTablesAlone() throws SQLException {
        schemas.make("neighbour", tables(200));
        CatalogSnapshot wanted = schemas.make("wanted", SHOP + "create table mine (t int references neighbour.t7 (id))");
        CatalogSnapshot neighbour = schemas.read("neighbour");
        schemas.make("there", "create table plan (id int primary key, name text, price int); create view t1 as select 1");
        List<Step> steps = schemas.bring("there", wanted, Renames.NONE);
        List<String> named = steps.stream().map(Step::sql).filter(sql -> sql.contains("neighbour")).toList();
        assertThat(named).containsExactly(
                "ALTER TABLE mine ADD CONSTRAINT mine_t_fkey FOREIGN KEY (t) REFERENCES neighbour.t7(id)");
        assertThat(steps).extracting(Step::sql).noneMatch(sql -> sql.contains("there.") || sql.contains("wanted."));
        assertThat(schemas.read("neighbour")).isEqualTo(neighbour);
    }

    @Test
    void readsTwoHundredTablesInWellUnderASecond() throws SQLException {
        schemas.make("large", tables(200));
        CatalogSnapshot first = schemas.read("large");
        long begin = System.nanoTime();
        CatalogSnapshot second = schemas.read("large");
        Duration taken = Duration.ofNanos(System.nanoTime() - begin);
        assertThat(second).isEqualTo(first);
        assertThat(second.tables()).hasSize(200);
        assertThat(CatalogDiff.between(first, second, Renames.NONE)).isEmpty();
        assertThat(taken).isLessThan(Duration.ofSeconds(1));
    }

    private static String tables(int count) {
        var sql = new StringBuilder();
        for (int n = 0; n < count; n++) {
            sql.append("create table t" + n + " (id bigserial primary key, name varchar(20) not null default 'x' check (name <> ''),"
                    + " price numeric(10,2), at timestamptz default now(), up bigint references t" + Math.max(0, n - 1) + ");");
            sql.append("create index on t" + n + " (name, price desc) where price > 0;");
        }
        return sql.toString();
    }

    @Test
    void readsInsideAnOpenTransactionAndLeavesItAsItWas() throws SQLException {
        schemas.make("there", "create table plan (id int)");
        schemas.run("set search_path = pg_catalog, public");
        schemas.connection().setAutoCommit(false);
        try {
            schemas.run("create table there.fresh (id int)");
            assertThat(schemas.read("there").tables()).hasSize(2);
            assertThat(text("show search_path")).isEqualTo("pg_catalog, public");
            assertThat(text("show timezone")).isNotEmpty();
        } finally {
            schemas.connection().rollback();
            schemas.connection().setAutoCommit(true);
        }
        assertThat(schemas.read("there").tables()).hasSize(1);
        assertThat(text("show search_path")).isEqualTo("pg_catalog, public");
        assertThat(schemas.connection().getAutoCommit()).isTrue();
        assertThat(schemas.read("not there").isEmpty()).isTrue();
    }

    @Test
    void leavesOutTheHistoryAndWhatBelongsToExtensions() throws SQLException {
        CatalogSnapshot snapshot = schemas.make("there", """
                create table flyway_schema_history (installed_rank int not null primary key, success boolean not null);
                create index flyway_schema_history_s_idx on flyway_schema_history (success);
                create extension if not exists plpgsql;
                create table plan (id int);
                """);
        assertThat(snapshot.objects()).extracting(object -> object.id().toString())
                .containsExactly("table plan", "column plan.id");
    }

    @Test
    void givesTheSameStepsForTheSameSchemasWhateverTheOrderOfTheirMaking() throws SQLException {
        List<String> parts = List.of(
                "create table a (id int primary key, x int, y int);", "create table b (id int primary key, x int);",
                "create sequence s;", "create type t as enum ('x');");
        CatalogSnapshot one = schemas.make("wanted", String.join("", parts));
        CatalogSnapshot other = schemas.make("wanted", parts.reversed().stream().collect(Collectors.joining()));
        CatalogSnapshot none = CatalogSnapshot.empty();
        assertThat(other).isEqualTo(one).hasSameHashCodeAs(one);
        assertThat(CatalogDiff.between(none, other, Renames.NONE)).isEqualTo(CatalogDiff.between(none, one, Renames.NONE));
        assertThat(CatalogDiff.between(one, none, Renames.NONE)).isEqualTo(CatalogDiff.between(other, none, Renames.NONE));
    }

    @Test
    void writesAnArrayOfCastsAsItStays() {
        assertThat(ExpressionText.settled("((a)::text = ANY ((ARRAY['x'::character varying, 'y,]'::character varying])::text[]))"))
                .isEqualTo("((a)::text = ANY (ARRAY[('x'::character varying)::text, ('y,]'::character varying)::text]))");
        assertThat(ExpressionText.settled("(a = ANY (ARRAY['(ARRAY['::text]))")).isEqualTo("(a = ANY (ARRAY['(ARRAY['::text]))");
    }

    private static int number(String query) throws SQLException {
        return Integer.parseInt(text(query));
    }

    private static String text(String query) throws SQLException {
        try (Statement statement = schemas.connection().createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }
}
