// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.apply;

import dev.anabranch.operations.migration.files.MigrationFile;
import dev.anabranch.operations.migration.sql.SqlScript;
import dev.anabranch.operations.migration.sql.SqlStatement;
import dev.anabranch.problem.AnabranchException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a file runs with PostgreSQL: in one transaction, or online, each statement by itself.
 *
 * @param online whether it runs outside of a transaction
 * @param indexes the indexes that it builds concurrently
 * @param reindexes whether it builds indexes anew concurrently
 */
record FileRules(boolean online, List<Index> indexes, boolean reindexes) {
    /** The end of the names of files that run online whatever they hold. */
    static final String ONLINE = "_online.sql";

    private static final Pattern CONCURRENT_INDEX = Pattern.compile(
            "CREATE (?:UNIQUE )?INDEX CONCURRENTLY( IF NOT EXISTS)?(?: (?!ON )(\"(?:[^\"]|\"\")+\"|[^ \"(]+))? ON .*",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern CONCURRENT_DROP = Pattern.compile(
            "DROP INDEX CONCURRENTLY( IF EXISTS)? (\"(?:[^\"]|\"\")+\"|[^ \",]+)(?: (?:CASCADE|RESTRICT))?",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern OUTSIDE = Pattern.compile(
            "(?:CREATE|DROP) (?:DATABASE|TABLESPACE|SUBSCRIPTION)\\b.*|ALTER SYSTEM\\b.*|VACUUM\\b.*|DISCARD ALL"
                    + "|CREATE (?:UNIQUE )?INDEX CONCURRENTLY\\b.*|DROP INDEX CONCURRENTLY\\b.*"
                    + "|REINDEX(?: \\([^)]*\\))? (?:(?:SCHEMA|DATABASE|SYSTEM)\\b.*|\\w+ CONCURRENTLY\\b.*)"
                    + "|REINDEX \\([^)]*CONCURRENTLY[^)]*\\).*|ALTER TABLE\\b.* DETACH PARTITION .* CONCURRENTLY"
                    + "|CLUSTER(?: VERBOSE| \\([^)]*\\))?",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern REINDEX =
            Pattern.compile("REINDEX\\b.*\\bCONCURRENTLY\\b.*", Pattern.CASE_INSENSITIVE);
    /** Neither wants a transaction nor minds one. */
    private static final Pattern NEUTRAL = Pattern.compile("(?:SET|RESET|SHOW)\\b.*", Pattern.CASE_INSENSITIVE);
    /** Waits for other transactions by way of their locks, and would break off where it should wait. */
    private static final Pattern WAITS =
            Pattern.compile(".*\\bCONCURRENTLY\\b.*|VACUUM\\b.*|REINDEX\\b.*", Pattern.CASE_INSENSITIVE);

    /**
     * An index that is built concurrently.
     *
     * @param name its name as the catalog has it
     * @param line where the statement begins
     */
    record Index(String name, int line) {}

    /**
     * The rules for a file.
     *
     * @throws AnabranchException {@code MIGRATION_INVALID} where it mixes both kinds of statements, or builds an index
     *     concurrently that has no name
     */
    static FileRules of(Target target, MigrationFile file) {
        boolean online = file.fileName().endsWith(ONLINE);
        boolean reindexes = false;
        List<Index> indexes = new ArrayList<>();
        SqlStatement outside = null;
        SqlStatement inside = null;
        for (SqlStatement statement : SqlScript.split(file.sql())) {
            String flat = flat(statement.text());
            if (OUTSIDE.matcher(flat).matches()) {
                outside = outside == null ? statement : outside;
            } else if (!NEUTRAL.matcher(flat).matches()) {
                inside = inside == null ? statement : inside;
            }
            reindexes |= REINDEX.matcher(flat).matches();
            Matcher index = CONCURRENT_INDEX.matcher(flat);
            if (index.matches()) {
                String name = index.group(2);
                if (name == null) {
                    throw MigrationErrors.invalid(
                            target,
                            file.fileName() + ":" + statement.line() + " builds an index concurrently that has no name",
                            "Name it: what is left of one that broke off is found by its name");
                }
                indexes.add(new Index(plain(name), statement.line()));
            }
        }
        if (!online && outside != null && inside != null) {
            throw MigrationErrors.invalid(
                    target,
                    file.fileName() + ":" + outside.line() + " (" + outside.brief(60)
                            + ") cannot run in a transaction, and line " + inside.line() + " (" + inside.brief(60) + ") should",
                    "Put them into files of their own, or name the file …" + ONLINE
                            + " if each of its statements may run by itself and again after it broke off");
        }
        return new FileRules(online || outside != null, indexes, reindexes);
    }

    /** Whether the statement waits for other transactions, so that a timeout for locks would break it off. */
    static boolean waits(String sql) {
        return WAITS.matcher(flat(sql)).matches();
    }

    /** The index that the statement builds concurrently and that must not be there yet; null if it does no such thing. */
    static @Nullable String builds(String sql) {
        Matcher index = CONCURRENT_INDEX.matcher(flat(sql));
        return index.matches() && index.group(1) == null && index.group(2) != null ? plain(index.group(2)) : null;
    }

    /** The index that the statement drops concurrently and that must be there; null if it does no such thing. */
    static @Nullable String drops(String sql) {
        Matcher drop = CONCURRENT_DROP.matcher(flat(sql));
        return drop.matches() && drop.group(1) == null ? plain(drop.group(2)) : null;
    }

    private static String flat(String sql) {
        String text = SqlScript.withoutComments(sql).strip().replaceAll("\\s+", " ");
        return text.endsWith(";") ? text.substring(0, text.length() - 1).strip() : text;
    }

    private static String plain(String name) {
        String last = name.startsWith("\"") ? name : name.substring(name.lastIndexOf('.') + 1);
        return last.startsWith("\"")
                ? last.substring(1, last.length() - 1).replace("\"\"", "\"")
                : last.toLowerCase(Locale.ROOT);
    }
}
