// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.desired.random;

import java.util.List;

/**
 * A type of column.
 *
 * @param sql as written
 * @param family types of one family can stand in for each other in expressions
 * @param defaults expressions of this type
 * @param checks conditions, with {@code $} for the column
 */
record ColumnType(String sql, String family, List<String> defaults, List<String> checks) {
    private static final List<String> NUMBER_CHECKS =
            List.of("$ > 0", "$ between 1 and 100", "$ in (1, 2, 3)", "$ is null or $ <> 7", "coalesce($, 0) < 1000");
    private static final List<String> TEXT_CHECKS = List.of(
            "length($) > 0", "$ <> ''", "$ in ('a', 'b', 'c')", "$ ~ '^[a-z]+$'", "$ like 'x%'", "$ not in ('no', 'it''s')",
            "upper($) = $ or $ is null");

    static final List<ColumnType> BUILT_IN = List.of(
            number("integer", "0", "42", "-1"),
            number("bigint", "0", "9000000000"),
            number("smallint", "1", "-3"),
            number("numeric(10,2)", "1.50", "0"),
            number("numeric(12,4)", "0.0001"),
            number("numeric", "3.14"),
            number("double precision", "0.5", "'NaN'"),
            number("real", "2"),
            text("text", "'x'", "'it''s'", "upper('a')"),
            text("character varying(20)", "'short'"),
            text("character varying(40)", "'longer'", "''"),
            text("character varying", "'any'"),
            text("character(3)", "'abc'"),
            other("boolean", "boolean", List.of("true", "false"), "$", "$ is not null"),
            other("timestamp with time zone", "timestamp", List.of("now()", "clock_timestamp()", "'2020-01-01 00:00:00+00'"),
                    "$ > '2000-01-01 00:00:00+00'::timestamptz"),
            other("timestamp without time zone", "local", List.of("localtimestamp", "'2020-01-01'"), "$ > '2000-01-01'"),
            other("timestamp(3) without time zone", "local", List.of("localtimestamp"), "$ < 'infinity'"),
            other("date", "date", List.of("current_date", "'2021-02-03'"), "extract(year from $) > 1999"),
            other("time without time zone", "time", List.of("'12:00'"), "$ < '23:00'"),
            other("interval", "interval", List.of("'1 day'", "'02:00:00'"), "$ > '0'::interval"),
            other("uuid", "uuid", List.of("gen_random_uuid()", "'00000000-0000-0000-0000-000000000000'"), "$ is not null"),
            other("jsonb", "jsonb", List.of("'{}'", "'[1, 2]'", "jsonb_build_object('a', 1)"), "jsonb_typeof($) = 'object'",
                    "$ ? 'a'"),
            other("bytea", "bytea", List.of("'\\x00ff'"), "octet_length($) < 100"),
            other("text[]", "texts", List.of("'{}'", "array['a', 'b']"), "cardinality($) > 0", "'a' = any ($)"),
            other("integer[]", "numbers", List.of("'{1,2}'"), "array_length($, 1) = 2"),
            other("inet", "inet", List.of("'127.0.0.1'"), "family($) = 4"),
            other("int4range", "range", List.of("'[1,5)'", "int4range(1, 10)"), "not isempty($)"),
            other("tstzrange", "period", List.of("tstzrange(now(), null)"), "lower($) is not null"),
            other("tsvector", "words", List.of("''"), "length($) < 1000"),
            other("bit varying(8)", "bits", List.of("B'101'"), "length($) > 1"));

    private static ColumnType number(String sql, String... defaults) {
        return new ColumnType(sql, "number", List.of(defaults), NUMBER_CHECKS);
    }

    private static ColumnType text(String sql, String... defaults) {
        return new ColumnType(sql, "text", List.of(defaults), TEXT_CHECKS);
    }

    private static ColumnType other(String sql, String family, List<String> defaults, String... checks) {
        return new ColumnType(sql, family, defaults, List.of(checks));
    }

    boolean isWhole() {
        return sql.equals("integer") || sql.equals("bigint") || sql.equals("smallint");
    }

    /** Whether an ordinary index can hold it. */
    boolean hasOrder() {
        return !family.equals("jsonb") || sql.equals("jsonb");
    }

    boolean isText() {
        return family.equals("text");
    }
}
