// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Runs the files in a scratch schema, within one transaction that is rolled back, and looks at what each statement did.
 *
 * <p>The tables are made by the same transaction, which therefore holds an ACCESS EXCLUSIVE lock on each from the beginning:
 * pg_locks shows what comes on top of it only. So what needs that lock is told from the catalog, by what has changed there.
 */
final class Trace {
    private static final Pattern POSITION = Pattern.compile("\\s*Position: (\\d+)");
    /** What cannot be in a transaction, or reaches beyond the schema, is not run. */
    private static final Set<String> NOT_RUN = Set.of(
            "vacuum", "begin", "commit", "end", "rollback", "abort", "start", "savepoint", "release", "prepare", "discard",
            "checkpoint", "load", "listen", "notify");
    private static final Set<String> GLOBAL = Set.of(
            "role", "user", "group", "database", "tablespace", "subscription", "publication", "extension", "schema", "system",
            "server", "event", "language");
    /** The statement ends a transaction, or refuses one. */
    private static final Set<String> OF_TRANSACTIONS = Set.of("2D000", "25001");

    /** A value that an enum got in the same transaction cannot be used. */
    private static final String NEW_ENUM_VALUE = "55P04";

    private final LintContext context;
    private final Connection connection;
    private final Findings findings;
    private final List<String> notes;
    /** Which file made a relation of the scratch schema. */
    private final Map<Long, Long> made = new HashMap<>();
    private boolean incomplete;

    private Trace(LintContext context, Connection connection, Findings findings, List<String> notes) {
        this.context = context;
        this.connection = connection;
        this.findings = findings;
        this.notes = notes;
    }

    static void look(
            LintContext context, Connection connection, List<ReadFile> files, Findings findings, List<String> notes) {
        try {
            boolean autoCommit = connection.getAutoCommit();
            connection.setAutoCommit(false);
            try {
                new Trace(context, connection, findings, notes).run(files);
            } finally {
                connection.rollback();
                connection.setAutoCommit(autoCommit);
            }
        } catch (SQLException e) {
            throw new AnabranchException(
                    ErrorCode.MIGRATION_FAILED,
                    "The migrations of " + context.set().origin() + " cannot be traced: " + message(e),
                    "Give a database and a user who may create a schema in it, or trace nothing",
                    e);
        }
    }

    private void run(List<ReadFile> files) throws SQLException {
        String schema = "anabranch_scratch_" + UUID.randomUUID().toString().replace("-", "").substring(0, 12);
        execute("CREATE SCHEMA " + schema);
        execute("SET LOCAL search_path TO " + schema);
        execute("SET LOCAL lock_timeout TO '2s'");
        execute("SET LOCAL statement_timeout TO '60s'");
        for (ReadFile file : files) {
            for (ReadStatement statement : file.statements()) {
                if (!run(statement)) {
                    notes.add("What follows " + where(statement) + " was not traced");
                    return;
                }
            }
        }
    }

    /** Runs a statement and judges it; false where it makes no sense to go on. */
    private boolean run(ReadStatement statement) throws SQLException {
        String sql = runnable(statement);
        if (sql == null) {
            return true;
        }
        boolean reported = context.reports(statement.version());
        ScratchState before = ScratchState.read(connection);
        Savepoint savepoint = connection.setSavepoint();
        try {
            execute(sql);
            execute("SET CONSTRAINTS ALL IMMEDIATE");
        } catch (SQLException e) {
            connection.rollback(savepoint);
            return failed(statement, e, reported);
        }
        connection.releaseSavepoint(savepoint);
        ScratchState after = ScratchState.read(connection);
        after.relations().keySet().forEach(oid -> made.putIfAbsent(oid, statement.version()));
        if (reported) {
            new TraceFindings(statement, before, after, findings, oid -> existed(oid, statement, before))
                    .judge(context.runnerSetsTimeouts());
        }
        return true;
    }

    private boolean existed(long oid, ReadStatement statement, ScratchState before) {
        Long by = made.get(oid);
        return by != null && before.relations().containsKey(oid) && !context.isNew(by, statement.version());
    }

    private boolean failed(ReadStatement statement, SQLException e, boolean reported) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        if (OF_TRANSACTIONS.contains(state) || (state.equals(NEW_ENUM_VALUE) && !addsEnumValueBefore(statement))) {
            notes.add(where(statement) + " was not traced, because it cannot run in a transaction");
            return true;
        }
        if (incomplete) {
            notes.add(where(statement) + " was not traced: " + message(e));
            return true;
        }
        findings.fails(statement, line(statement, e), message(e) + " (SQLState " + state + ")");
        // Within a file under lint the next statements may still be worth a look; on a wrong history they are not.
        incomplete = true;
        return reported;
    }

    /** Whether the value is still new when the file is applied: earlier files are committed then, and here they are not. */
    private static boolean addsEnumValueBefore(ReadStatement statement) {
        return statement.file().isTransactional()
                && statement.file().statements().stream()
                        .takeWhile(one -> one != statement)
                        .anyMatch(one -> one.begins("alter", "type") && one.has("add", "value"));
    }

    /** The line that the server points to. Where the text was changed to run it, it may be a few characters off. */
    private static int line(ReadStatement statement, SQLException e) {
        Matcher position = POSITION.matcher(String.valueOf(e.getMessage()));
        if (!position.find()) {
            return statement.line();
        }
        int place = Math.min(Integer.parseInt(position.group(1)) - 1, statement.text().length());
        return statement.line() + (int) statement.text().substring(0, Math.max(0, place)).chars().filter(c -> c == '\n').count();
    }

    private static String message(SQLException e) {
        String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return POSITION.matcher(message).replaceAll("").replaceFirst("^ERROR: ", "").strip().replaceAll("\\s*\\R\\s*", "; ");
    }

    private static String where(ReadStatement statement) {
        return statement.file().file().fileName() + ":" + statement.line();
    }

    /** The statement as it can be run here; null where it cannot. */
    private @Nullable String runnable(ReadStatement statement) {
        Cursor at = statement.cursor();
        String verb = at.next().name();
        if (NOT_RUN.contains(verb)) {
            return null;
        }
        if (verb.equals("set") || verb.equals("reset")) {
            // Timeouts are set here already; search path and role must stay.
            String plain = at.plain().toLowerCase(Locale.ROOT);
            boolean harmful = plain.contains("search_path") || plain.contains("role") || plain.contains("authorization")
                    || plain.contains("timeout") || plain.contains(" schema ") || plain.contains("transaction")
                    || plain.contains("constraints") || plain.equals("reset all");
            return harmful ? null : statement.text();
        }
        if (Set.of("create", "alter", "drop").contains(verb)
                && (GLOBAL.contains(at.peek().name()) || at.at("default", "privileges"))) {
            // What comes later may need it, and then fails for its absence alone.
            incomplete |= verb.equals("create");
            notes.add(where(statement) + " was not traced, because it reaches beyond the schema: "
                    + verb.toUpperCase(Locale.ROOT) + " " + at.peek().text().toUpperCase(Locale.ROOT));
            return null;
        }
        boolean own = false;
        for (SchemaNames.Found found : SchemaNames.of(statement, new KnownSchema(context.schema()))) {
            if (found.schema().equals(context.schema())) {
                own = true;
            } else if (found.isRelation()
                    && !Set.of("pg_catalog", "information_schema", "pg_temp").contains(found.schema())) {
                // It would touch what is not scratch.
                incomplete = true;
                notes.add(where(statement) + " was not traced, because it names the schema " + found.schema());
                return null;
            }
        }
        if (own) {
            incomplete = true;
            notes.add(where(statement) + " was not traced, because it names the group's own schema");
            return null;
        }
        return statement.isConcurrent() ? withoutConcurrently(statement) : statement.text();
    }

    private static String withoutConcurrently(ReadStatement statement) {
        var text = new StringBuilder();
        int from = 0;
        for (Cursor at = statement.cursor(); !at.done(); at.next()) {
            if (at.at("concurrently")) {
                text.append(statement.text(), from, at.peek().start());
                from = at.peek().end();
            }
        }
        return text.append(statement.text().substring(from)).toString();
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(sql);
        }
    }
}
