// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

import java.util.List;

/** Pieces of SQL that rewrites are made of. */
final class Written {
    /** What goes before a statement with a strong lock. */
    static final String TIMEOUT = "SET LOCAL lock_timeout = '5s';\n";

    private Written() {}

    /** A name, in quotes where it needs them, cut to the length that the server allows. */
    static String name(String name) {
        String cut = name.length() <= 63 ? name : name.substring(0, 63);
        return new Name("", cut, cut).lastWritten();
    }

    static String names(List<String> names) {
        return String.join(", ", names.stream().map(Written::name).toList());
    }

    static String nextFile() {
        return "\n" + Finding.NEXT_FILE + "\n";
    }

    /** Outside of a transaction, such as a file named {@code …_online.sql}. */
    static String nextFileOnline() {
        return "\n" + Finding.NEXT_FILE + " (named …_online.sql, so that it runs outside of a transaction)\n";
    }

    /** A loop that changes some thousand rows at a time. */
    static String batches(String table, String change, String condition) {
        return """
                DO $batches$
                BEGIN
                    LOOP
                        %s WHERE ctid = ANY (ARRAY(
                            SELECT ctid FROM %s WHERE %s LIMIT 5000));
                        EXIT WHEN NOT FOUND;
                        COMMIT;
                    END LOOP;
                END $batches$;""".formatted(change, table, condition);
    }

    /** A check that there is no null, its validation, and then SET NOT NULL, which does not read the table again. */
    static String setNotNull(Name table, String column) {
        String check = name(table.name() + "_" + column + "_not_null");
        String alter = "ALTER TABLE " + table.written() + " ";
        return alter + "ADD CONSTRAINT " + check + " CHECK (" + name(column) + " IS NOT NULL) NOT VALID;"
                + nextFile() + alter + "VALIDATE CONSTRAINT " + check + ";"
                + nextFile() + alter + "ALTER COLUMN " + name(column) + " SET NOT NULL;\n"
                + alter + "DROP CONSTRAINT " + check + ";";
    }
}
