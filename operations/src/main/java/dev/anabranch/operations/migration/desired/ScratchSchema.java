// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.desired;

import dev.anabranch.operations.migration.catalog.CatalogReader;
import dev.anabranch.operations.migration.catalog.CatalogSnapshot;
import dev.anabranch.operations.migration.sql.SqlScript;
import dev.anabranch.operations.migration.sql.SqlStatement;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * A schema of PostgreSQL that exists inside one transaction alone, to see what SQL makes. The transaction is always rolled
 * back, and nothing of the schema is ever seen by another session, even where this process is killed half way.
 *
 * <p>Its name is random, and it is the only schema on the search path, as a group's schema is when its migrations run. Waits
 * for locks are short: a foreign key to a neighbour's table locks that table until {@link #close()}, so an instance should not
 * live longer than it must. Not thread-safe.
 */
public final class ScratchSchema implements AutoCloseable {
    // The longer of the two bounds what a statement of a backfill may take; the tables here are empty.
    private static final String LIMITS = "set local lock_timeout = '2s'; set local statement_timeout = '60s';"
            + " set local idle_in_transaction_session_timeout = '60s'";
    /** Objects of people, and the schema each is in; TOAST tables and temporary tables are their tables' affair. */
    private static final String OBJECTS =
            """
            with object (kind, oid, namespace, name, xmin) as (
                select 'relation', oid, relnamespace, relname, xmin from pg_class where relkind <> 't'
                union all select 'function', oid, pronamespace, proname, xmin from pg_proc
                union all select 'type', oid, typnamespace, typname, xmin from pg_type where typtype in ('e', 'd', 'r'))
            select o.oid, o.kind || ' ' || n.nspname || '.' || o.name
              from object o join pg_namespace n on n.oid = o.namespace
             where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') and n.nspname !~ '^pg_temp_'
            """;

    private final Connection connection;
    private final boolean autoCommit;
    private final String name;
    private final String database;
    private final Set<Long> present = new HashSet<>();
    private boolean closed;

    private ScratchSchema(Connection connection, boolean autoCommit, String name, String database) {
        this.connection = connection;
        this.autoCommit = autoCommit;
        this.name = name;
        this.database = database;
    }

    /**
     * Makes one, in a transaction that begins here. Until {@link #close()} the connection belongs to it.
     *
     * @param connection to PostgreSQL, without a transaction under way; its role needs CREATE on the database
     * @throws AnabranchException {@link ErrorCode#MIGRATION_FAILED} where the role may not make a schema, or the connection is
     *     in use or broken
     */
    public static ScratchSchema open(Connection connection) {
        String name = "anabranch_scratch_" + Long.toHexString(ThreadLocalRandom.current().nextLong() | Long.MIN_VALUE);
        try {
            boolean autoCommit = connection.getAutoCommit();
            var scratch = new ScratchSchema(connection, autoCommit, name, connection.getCatalog());
            connection.setAutoCommit(false);
            try {
                scratch.begin();
            } catch (SQLException | RuntimeException e) {
                scratch.close();
                throw e;
            }
            return scratch;
        } catch (SQLException e) {
            throw failure("A scratch schema cannot be made (" + e.getMessage() + ")", "Look at the cause", e);
        }
    }

    /**
     * What the sources make, one after the other, in a schema of their own.
     *
     * @throws AnabranchException as {@link #open}, {@link #run} and {@link #snapshot} do
     */
    public static CatalogSnapshot snapshotOf(Connection connection, Iterable<SqlSource> sources) {
        try (var scratch = open(connection)) {
            for (SqlSource source : sources) {
                scratch.run(source);
            }
            return scratch.snapshot();
        }
    }

    private void begin() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet owned = statement.executeQuery(
                        "select has_database_privilege(current_database(), 'create'), current_user, current_database()")) {
            owned.next();
            if (!owned.getBoolean(1)) {
                throw failure(
                        "The role " + owned.getString(2) + " may not make a scratch schema in the database "
                                + owned.getString(3),
                        "Run: grant create on database " + quoted(owned.getString(3)) + " to " + quoted(owned.getString(2)),
                        null);
            }
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute("create schema " + name);
            statement.execute("set local search_path = " + name);
            statement.execute(LIMITS);
            try (ResultSet objects = statement.executeQuery(OBJECTS)) {
                while (objects.next()) {
                    present.add(objects.getLong(1));
                }
            }
        }
    }

    /** The schema's name. */
    public String name() {
        return name;
    }

    /** The connection whose transaction it lives in, for looks at what a statement does. Commit nothing on it. */
    public Connection connection() {
        return connection;
    }

    /**
     * Runs each statement of a text.
     *
     * @throws AnabranchException {@link ErrorCode#MIGRATION_INVALID} at the first that fails, or that ends the transaction
     */
    public void run(SqlSource source) {
        for (SqlStatement statement : SqlScript.split(source.sql())) {
            run(source.name(), statement);
        }
    }

    /**
     * Runs one statement, in the form that it has inside of a transaction: {@code CONCURRENTLY} is left out.
     *
     * @param file for messages
     * @throws AnabranchException as {@link #run(SqlSource)}
     */
    public void run(String file, SqlStatement statement) {
        String where = file + " line " + statement.line();
        switch (ScratchStatement.of(statement)) {
            case ScratchStatement.Refused refused ->
                throw new AnabranchException(
                        ErrorCode.MIGRATION_INVALID,
                        where + ": " + refused.why() + ", in: " + statement.brief(120),
                        refused.hint());
            case ScratchStatement.Skipped _ -> {
                // It changes no definition, and cannot run inside of a transaction.
            }
            case ScratchStatement.Runs runs -> execute(where, statement, runs);
        }
    }

    private void execute(String where, SqlStatement statement, ScratchStatement.Runs runs) {
        try (Statement jdbc = connection.createStatement()) {
            // Braces are PostgreSQL's own here, in arrays and in bodies.
            jdbc.setEscapeProcessing(false);
            jdbc.execute(runs.sql());
            if (runs.setsParameters()) {
                jdbc.execute(LIMITS);
            }
        } catch (SQLException e) {
            throw new AnabranchException(
                    ErrorCode.MIGRATION_INVALID,
                    where + ": " + String.valueOf(e.getMessage()).strip().replaceAll("\\s*\\R\\s*", "; ") + " (SQLState " + e.getSQLState()
                            + "), in: " + statement.brief(120) + ", in a scratch schema of the database " + database,
                    hint(e.getSQLState()),
                    e);
        }
    }

    private static String hint(@Nullable String sqlState) {
        return switch (sqlState == null ? "" : sqlState) {
            case "55P03", "57014", "40P01" ->
                "Try again: it waited for a lock on a table that others use, and such waits are kept short";
            case "42501" -> "Grant the owner what the statement needs, or leave it to whoever may";
            case "42P01", "42704", "42883", "3F000" ->
                "Make what it needs in an earlier statement; a name in another schema must be written with that schema";
            default -> "Correct the statement; the database was not changed";
        };
    }

    /**
     * What the schema holds now.
     *
     * @throws AnabranchException {@link ErrorCode#MIGRATION_INVALID} where statements made something in another schema, which
     *     would be missing here
     */
    public CatalogSnapshot snapshot() {
        try {
            requireNothingElsewhere();
            return CatalogReader.read(connection, name);
        } catch (SQLException e) {
            throw failure("The catalog of the database " + database + " cannot be read (" + e.getMessage() + ")", "Look at the cause", e);
        }
    }

    private void requireNothingElsewhere() throws SQLException {
        Set<String> elsewhere = new TreeSet<>();
        try (Statement statement = connection.createStatement();
                ResultSet made = statement.executeQuery(OBJECTS + " and n.nspname <> '" + name
                        + "' and o.xmin = pg_current_xact_id()::xid")) {
            while (made.next()) {
                // A foreign key from here touches the rows of the table it points to; those were there before.
                if (!present.contains(made.getLong(1))) {
                    elsewhere.add(made.getString(2));
                }
            }
        }
        if (!elsewhere.isEmpty()) {
            throw new AnabranchException(
                    ErrorCode.MIGRATION_INVALID,
                    "The statements make something outside of the group's schema: "
                            + String.join(", ", elsewhere.stream().limit(5).toList())
                            + (elsewhere.size() > 5 ? " and " + (elsewhere.size() - 5) + " more" : ""),
                    "Leave the schema's name out, in SQL and in @Table(schema = …): the search path decides it; and set no search_path");
        }
    }

    /** Rolls everything back; the connection is as it was before. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            connection.rollback();
            connection.setAutoCommit(autoCommit);
        } catch (SQLException e) {
            // Whatever broke the connection has ended the transaction too; what failed before it is the error to see.
            org.slf4j.LoggerFactory.getLogger(ScratchSchema.class)
                    .debug("The connection of a scratch schema is broken", e);
        }
    }

    private static String quoted(String identifier) {
        return identifier.matches("[a-z_][a-z0-9_]*") ? identifier : '"' + identifier.replace("\"", "\"\"") + '"';
    }

    private static AnabranchException failure(String problem, String hint, @Nullable Throwable cause) {
        return new AnabranchException(ErrorCode.MIGRATION_FAILED, problem, hint, cause);
    }
}
