// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import dev.anabranch.operations.migration.catalog.Column.Generation;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Columns and sequences as SQL writes them. */
final class ColumnSql {
    private static final Pattern VOLATILE =
            Pattern.compile("\\b(nextval|setval|currval|lastval|random|random_normal|gen_random_uuid|gen_random_bytes|gen_salt|uuidv[47]"
                    + "|uuid_generate_v[14]\\w*|clock_timestamp|timeofday|pg_sleep)\\(");

    private static final Pattern VOLATILE_CALL = Pattern.compile(
            "(nextval\\('[^']+'::regclass\\)|(random|gen_random_uuid|uuidv[47]|uuid_generate_v[14]|clock_timestamp)\\(\\))");

    private ColumnSql() {}

    /** {@code price numeric(10,2) DEFAULT 0 NOT NULL}. */
    static String definition(Column column, boolean withDefault, boolean withNotNull) {
        var sql = new StringBuilder(Names.quote(column.name())).append(' ');
        Column.Serial serial = column.serial();
        if (serial != null && serial.options().isPlain() && column.notNull()) {
            return sql.append(serialType(column.type())).toString();
        }
        sql.append(type(column));
        Column.Identity identity = column.identity();
        if (identity != null) {
            sql.append(" GENERATED ").append(identity.always() ? "ALWAYS" : "BY DEFAULT").append(" AS IDENTITY");
            String options = options(identity.options(), false);
            sql.append(identity.options().isPlain() ? "" : " (" + options + ")");
        } else if (column.isGenerated()) {
            sql.append(" GENERATED ALWAYS AS (").append(column.expression()).append(") ")
                    .append(column.generation() == Generation.STORED ? "STORED" : "VIRTUAL");
        } else if (withDefault && column.expression() != null) {
            sql.append(" DEFAULT ").append(column.expression());
        }
        return sql.append(withNotNull && column.notNull() ? " NOT NULL" : "").toString();
    }

    /** Whether a new column has another value in each row that is there: now() has not, random() has. */
    static boolean isWrittenToEachRow(Column column) {
        String expression = column.expression();
        return column.serial() != null
                || column.identity() != null
                || column.generation() == Generation.STORED
                || (expression != null && VOLATILE.matcher(expression).find());
    }

    /** Whether it is one call that differs from row to row and never gives null, such as {@code gen_random_uuid()}. */
    static boolean isVolatileCall(@Nullable String expression) {
        return expression != null && VOLATILE_CALL.matcher(expression).matches();
    }

    /** A loop that changes some thousand rows at a time. An empty table it leaves without a commit. */
    static String batches(String update, String table, String condition) {
        return """
                DO $batches$
                BEGIN
                    LOOP
                        %s WHERE ctid = ANY (ARRAY(
                            SELECT ctid FROM %s WHERE %s LIMIT 5000));
                        EXIT WHEN NOT FOUND;
                        COMMIT;
                    END LOOP;
                END $batches$""".formatted(update, table, condition);
    }

    static String type(Column column) {
        return column.type() + (column.collation() == null ? "" : " COLLATE " + column.collation());
    }

    /** Whether the column has a serial sequence that the word serial does not make. */
    static boolean needsSequence(Column column) {
        Column.Serial serial = column.serial();
        return serial != null && !(serial.options().isPlain() && column.notNull());
    }

    private static String serialType(String type) {
        return switch (type) {
            case "smallint" -> "smallserial";
            case "integer" -> "serial";
            default -> "bigserial";
        };
    }

    static String options(Sequence.Options options, boolean withType) {
        List<String> parts = new ArrayList<>();
        if (withType) {
            parts.add("AS " + options.type());
        }
        parts.add("INCREMENT BY " + options.increment());
        parts.add("MINVALUE " + options.min());
        parts.add("MAXVALUE " + options.max());
        parts.add("START WITH " + options.start());
        parts.add("CACHE " + options.cache());
        parts.add(options.cycle() ? "CYCLE" : "NO CYCLE");
        return String.join(" ", parts);
    }

    /** The options of a new sequence, those left out that it has anyway. */
    static String created(Sequence.Options options) {
        boolean plain = options.isPlain();
        String type = options.type().equals("bigint") ? "" : " AS " + options.type();
        return plain ? type : " " + options(options, true);
    }

    /** Whether PostgreSQL takes each value over by an assignment, without being told how. */
    static boolean isAssignable(String from, String to) {
        String a = base(from);
        String b = base(to);
        return a.equals(b) || family(b).equals("text") || (!family(a).isEmpty() && family(a).equals(family(b)));
    }

    /** Whether the change neither rewrites the table nor can fail. */
    static boolean isWidening(Column from, Column to) {
        return Objects.equals(from.collation(), to.collation()) && ColumnType.of(from.type()).becomes(ColumnType.of(to.type()));
    }

    private static String base(String type) {
        return type.replaceAll("\\([^)]*\\)", "");
    }

    private static String family(String base) {
        return switch (base) {
            case "smallint", "integer", "bigint", "numeric", "real", "double precision" -> "number";
            case "text", "character varying", "character" -> "text";
            case "date", "timestamp without time zone", "timestamp with time zone" -> "time";
            case "json", "jsonb" -> "json";
            case "inet", "cidr" -> "network";
            default -> "";
        };
    }
}
