// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.apply;

import dev.anabranch.operations.migration.files.MigrationFile;
import dev.anabranch.operations.migration.sql.SqlScript;
import dev.anabranch.operations.migration.sql.SqlStatement;
import dev.anabranch.problem.AnabranchException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a file runs with PostgreSQL: in one transaction, or online, each statement by itself.
 *
 * @param online whether it runs outside of a transaction
 * @param works its statements that build or drop an index concurrently
 * @param reindexes whether it builds indexes anew concurrently
 */
record FileRules(boolean online, List<Work> works, boolean reindexes) {
    /** The end of the names of files that run online whatever they hold. */
    static final String ONLINE = "_online.sql";

    private static final String NAME = "(?:\"(?:[^\"]|\"\")++\"|[^ \".,;(]++)";
    private static final Pattern CONCURRENT_INDEX = Pattern.compile(
            "CREATE (?:UNIQUE )?INDEX CONCURRENTLY(?<calm> IF NOT EXISTS)?(?: (?!ON )(?<name>" + NAME
                    + "))? ON (?:ONLY )?(?:(?<schema>" + NAME + ") ?\\. ?)?.*",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern CONCURRENT_DROP = Pattern.compile(
            "DROP INDEX CONCURRENTLY(?<calm> IF EXISTS)? (?:(?<schema>" + NAME + ") ?\\. ?)?(?<name>" + NAME
                    + ")(?: (?:CASCADE|RESTRICT))?",
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
    private static final Pattern WAITS = Pattern.compile(
            "CREATE (?:UNIQUE )?INDEX CONCURRENTLY\\b.*|DROP INDEX CONCURRENTLY\\b.*|REINDEX\\b.*\\bCONCURRENTLY\\b.*"
                    + "|ALTER TABLE\\b.* DETACH PARTITION .* CONCURRENTLY|VACUUM\\b(?! FULL\\b)(?! ?\\([^)]*\\bFULL\\b).*",
            Pattern.CASE_INSENSITIVE);
    /** Ends the transaction that the file runs in, or begins one where there is one. */
    private static final Pattern TRANSACTION = Pattern.compile(
            "(?:BEGIN|START TRANSACTION|COMMIT|END|ROLLBACK(?! (?:WORK |TRANSACTION )?TO )|ABORT|PREPARE TRANSACTION)\\b.*",
            Pattern.CASE_INSENSITIVE);

    /**
     * An index as a statement names it.
     *
     * @param schema its schema as the catalog has it; null where that is the group's
     * @param name its name as the catalog has it
     */
    record Index(@Nullable String schema, String name) {}

    /**
     * A statement that builds or drops one index concurrently.
     *
     * @param builds whether it builds it
     * @param index which one
     * @param calm whether it minds nothing that was done before: {@code IF NOT EXISTS}, {@code IF EXISTS}
     * @param digest the same for statements that differ in nothing but white space and comments
     */
    record Work(boolean builds, Index index, boolean calm, String digest) {}

    /** The indexes that the file builds concurrently. */
    List<Index> indexes() {
        return works.stream().filter(Work::builds).map(Work::index).toList();
    }

    /**
     * The rules for a file.
     *
     * @throws AnabranchException {@code MIGRATION_INVALID} where it mixes both kinds of statements, ends the transaction that
     *     it runs in, or builds an index concurrently that has no name
     */
    static FileRules of(Target target, MigrationFile file) {
        boolean online = file.fileName().endsWith(ONLINE);
        boolean reindexes = false;
        List<Work> works = new ArrayList<>();
        SqlStatement outside = null;
        SqlStatement transaction = null;
        SqlStatement inside = null;
        for (SqlStatement statement : SqlScript.split(file.sql())) {
            String flat = flat(statement.text());
            if (OUTSIDE.matcher(flat).matches()) {
                outside = outside == null ? statement : outside;
            } else if (!NEUTRAL.matcher(flat).matches()) {
                inside = inside == null ? statement : inside;
            }
            reindexes |= REINDEX.matcher(flat).matches();
            if (transaction == null && TRANSACTION.matcher(flat).matches()) {
                transaction = statement;
            }
            Matcher index = CONCURRENT_INDEX.matcher(flat);
            if (index.matches() && index.group("name") == null) {
                throw MigrationErrors.invalid(
                        target,
                        file.fileName() + ":" + statement.line() + " builds an index concurrently that has no name",
                        "Name it: what is left of one that broke off is found by its name");
            }
            Work work = read(flat);
            if (work != null) {
                works.add(work);
            }
        }
        if (!online && transaction != null) {
            throw MigrationErrors.invalid(
                    target,
                    file.fileName() + ":" + transaction.line() + " (" + transaction.brief(60)
                            + ") begins or ends a transaction, and the file runs in one as a whole",
                    "Take it out, or put what is to be kept by itself into a file of its own");
        }
        if (!online && outside != null && inside != null) {
            throw MigrationErrors.invalid(
                    target,
                    file.fileName() + ":" + outside.line() + " (" + outside.brief(60)
                            + ") cannot run in a transaction, and line " + inside.line() + " (" + inside.brief(60) + ") should",
                    "Put them into files of their own, or name the file …" + ONLINE
                            + " if each of its statements may run by itself and again after it broke off");
        }
        return new FileRules(online || outside != null, works, reindexes);
    }

    /** Whether the statement waits for other transactions, so that a timeout for locks would break it off. */
    static boolean waits(String sql) {
        return WAITS.matcher(flat(sql)).matches();
    }

    /** What the statement does to an index concurrently, where it fails if that was done before; null if no such thing. */
    static @Nullable Work work(String sql) {
        Work work = read(flat(sql));
        return work == null || work.calm() ? null : work;
    }

    private static @Nullable Work read(String flat) {
        Matcher index = CONCURRENT_INDEX.matcher(flat);
        boolean builds = index.matches();
        Matcher found = builds ? index : CONCURRENT_DROP.matcher(flat);
        if (!builds && !found.matches()) {
            return null;
        }
        String name = found.group("name");
        String schema = found.group("schema");
        return name == null
                ? null
                : new Work(
                        builds,
                        new Index(schema == null ? null : plain(schema), plain(name)),
                        found.group("calm") != null,
                        digest(flat));
    }

    private static String digest(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 12);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    private static String flat(String sql) {
        String text = SqlScript.withoutComments(sql).strip().replaceAll("\\s+", " ");
        return text.endsWith(";") ? text.substring(0, text.length() - 1).strip() : text;
    }

    private static String plain(String name) {
        return name.startsWith("\"")
                ? name.substring(1, name.length() - 1).replace("\"\"", "\"")
                : name.toLowerCase(Locale.ROOT);
    }
}
