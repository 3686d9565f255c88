// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.sql;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class SqlScriptTest {
    private static List<String> texts(String sql) {
        return SqlScript.split(sql).stream().map(SqlStatement::text).toList();
    }

    /**
     * Each is one statement. psql 15 takes each for one, too, but for the E string that goes on after a line's end: psql reads
     * line by line and forgets the E, while the server, and so we, do not.
     */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT 'a;b', 'it''s;', \"a;\"\"b\"",
                "SELECT E'a\\';b', e'\\\\', 'a\\'",
                "SELECT E'a'\n  'b\\';c'",
                "SELECT 'a' -- not a part; of it\n, 'b'",
                "SELECT U&'d\\0061t;', U&\"a;b\", B'1;', x'1;', n'a;'",
                "SELECT $$a;b$$, $tag$ $$;$$ ; $tag$, $Ä$;$Ä$",
                "SELECT 1 /* a; /* b; */ c; */ + 2",
                "SELECT a$$b, c$x$d FROM t",
                "SELECT 1 AS e, $1, $2",
                "CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO a VALUES (1); INSERT INTO b VALUES (2))",
                "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 2 END; END",
                "create or replace procedure p() language sql begin\n atomic insert into t values (1); end",
                "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END; $$",
                "DO $do$ BEGIN EXECUTE $x$ SELECT 1; $x$; END $do$",
                "SELECT 1-/**/-1, 2 - - 3",
                "SELECT 1e-5, .5, 1.",
            })
    void isOneStatement(String sql) {
        assertThat(texts(sql)).containsExactly(sql);
        assertThat(texts(sql + ";\nSELECT 2;")).containsExactly(sql, "SELECT 2");
    }

    @Test
    void anOrdinaryBeginIsAStatement() {
        assertThat(texts("BEGIN; SELECT CASE WHEN true THEN 1 END; END;"))
                .containsExactly("BEGIN", "SELECT CASE WHEN true THEN 1 END", "END");
        assertThat(texts("CREATE TABLE atomic (\"begin\" int); SELECT 1")).hasSize(2);
    }

    @Test
    void knowsLinesPlacesAndComments() {
        String sql = "\uFEFF-- first;\n\n/* second; */ SELECT 1; -- of the next\n;;\n  SELECT\n2 -- within\n;\n-- last";
        List<SqlStatement> statements = SqlScript.split(sql);
        assertThat(statements).extracting(SqlStatement::text).containsExactly("SELECT 1", "SELECT\n2 -- within");
        assertThat(statements).extracting(SqlStatement::line).containsExactly(3, 5);
        assertThat(statements.getFirst().comments()).isEqualTo("-- first;\n\n/* second; */");
        assertThat(statements).allMatch(one -> sql.startsWith(one.text(), one.start()));
    }

    @Test
    void headAndBriefLeaveCommentsAndLineEndsOut() {
        SqlStatement statement = SqlScript.split("create/* x */ unique\n index i on t (a)").getFirst();
        assertThat(statement.head(3)).isEqualTo("CREATE UNIQUE INDEX");
        assertThat(statement.brief(12)).isEqualTo("create/* x …");
    }

    @Test
    void windowsLineEndsAndNothingAtAll() {
        assertThat(SqlScript.split("SELECT 1;\r\n-- x\r\nSELECT 2;\r\n")).extracting(SqlStatement::line).containsExactly(1, 3);
        assertThat(SqlScript.split(" -- nothing;\n;; /* x */")).isEmpty();
    }

    @Test
    void whatDoesNotEndIsOneToken() {
        assertThat(SqlToken.of("a 'b;")).extracting(SqlToken::kind).containsExactly(SqlToken.Kind.WORD, SqlToken.Kind.UNTERMINATED);
        assertThat(texts("SELECT 'b; SELECT 2;")).hasSize(1);
    }
}
