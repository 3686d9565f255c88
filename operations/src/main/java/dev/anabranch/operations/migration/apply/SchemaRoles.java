// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.apply;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.topology.Endpoint;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Makes the schema and the application's role with PostgreSQL, where they are missing, and grants what the application needs
 * and no more: rows of the schema's tables, and no change of what the schema is.
 */
final class SchemaRoles {
    /** Somebody else made the role at the same moment. */
    private static final Set<String> MADE_MEANWHILE = Set.of("42710", "23505");

    private final MigrationSession session;
    private final Target target;
    private final MigrationListener listener;
    private final Endpoint application;

    SchemaRoles(MigrationSession session, Target target, MigrationListener listener) {
        this.session = session;
        this.target = target;
        this.listener = listener;
        this.application = target.database().primary();
    }

    /** What is there, as the one who migrates sees it. */
    private record Found(
            boolean schema,
            String schemaOwner,
            boolean ownsSchema,
            boolean mayCreateSchema,
            boolean role,
            boolean mayCreateRole,
            boolean connects,
            boolean createsInSchema,
            boolean createsInPublic,
            boolean isPowerful) {}

    /**
     * Makes and grants.
     *
     * @param history whether the history table is there
     * @throws AnabranchException {@link ErrorCode#CONFIGURATION_INVALID} with the statements for an administrator, where the one
     *     who migrates may not
     */
    void prepare(boolean history) throws SQLException {
        Found found = look();
        String schema = session.quoted(target.schema());
        String owner = session.quoted(session.endpoint().user());
        if (!found.schema()) {
            if (!found.mayCreateSchema()) {
                throw forAdministrator(
                        "may not make the schema " + target.schema(),
                        List.of("CREATE SCHEMA " + schema + " AUTHORIZATION " + owner));
            }
            session.execute("CREATE SCHEMA IF NOT EXISTS " + schema);
        } else if (!found.ownsSchema()) {
            throw forAdministrator(
                    "does not own the schema " + target.schema() + ", which is " + found.schemaOwner() + "'s",
                    List.of("ALTER SCHEMA " + schema + " OWNER TO " + owner));
        }
        if (!hasOwner()) {
            return;
        }
        if (!found.role()) {
            createRole(found);
        }
        grant(history);
        restrict();
    }

    /** Whether the application's user is another than the one who migrates. */
    private boolean hasOwner() {
        return !application.user().equals(session.endpoint().user());
    }

    private void createRole(Found found) throws SQLException {
        String role = session.quoted(application.user());
        if (!found.mayCreateRole()) {
            throw forAdministrator(
                    "may not make the application's role " + application.user(),
                    List.of("CREATE ROLE " + role + " LOGIN PASSWORD '<the password>'"));
        }
        if (application.password().isEmpty()) {
            throw new AnabranchException(
                    ErrorCode.CONFIGURATION_INVALID,
                    "The application's role " + application.user() + " is missing on " + session.endpoint().address()
                            + ", and this process does not know the password it shall have",
                    "Give it the application's password, or make the role by hand");
        }
        try {
            session.execute("CREATE ROLE " + role + " LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD '"
                    + ScramVerifier.of(application.password()) + "'");
        } catch (SQLException e) {
            if (!MADE_MEANWHILE.contains(String.valueOf(e.getSQLState()))) {
                throw e;
            }
        }
    }

    private void grant(boolean history) throws SQLException {
        String schema = session.quoted(target.schema());
        String role = session.quoted(application.user());
        String later = "; ALTER DEFAULT PRIVILEGES IN SCHEMA " + schema + " GRANT ";
        session.execute("GRANT USAGE ON SCHEMA " + schema + " TO " + role
                + "; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA " + schema + " TO " + role
                + "; GRANT USAGE ON ALL SEQUENCES IN SCHEMA " + schema + " TO " + role
                + "; GRANT EXECUTE ON ALL ROUTINES IN SCHEMA " + schema + " TO " + role
                + later + "SELECT, INSERT, UPDATE, DELETE ON TABLES TO " + role
                + later + "USAGE ON SEQUENCES TO " + role
                + later + "EXECUTE ON ROUTINES TO " + role
                + (history ? "; " + protection() : ""));
    }

    /** Takes away what lets the application's role make objects, or says that it cannot. */
    private void restrict() throws SQLException {
        Found found = look();
        String schema = session.quoted(target.schema());
        String role = session.quoted(application.user());
        if (found.isPowerful()) {
            listener.noticed("The application's role " + application.user() + " on " + session.endpoint().address()
                    + " is a superuser or a member of " + session.endpoint().user()
                    + ": nothing keeps it from changing the schema");
            return;
        }
        List<String> missing = new ArrayList<>();
        if (!found.connects()) {
            missing.add("GRANT CONNECT ON DATABASE " + session.quoted(session.endpoint().database()) + " TO " + role);
        }
        if (found.createsInSchema()) {
            session.execute("REVOKE CREATE ON SCHEMA " + schema + " FROM PUBLIC, " + role);
        }
        if (found.createsInPublic()) {
            // Done by the schema's owner alone; for anybody else it is a warning, and nothing happens.
            session.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC, " + role);
        }
        if (found.createsInSchema() || found.createsInPublic()) {
            Found now = look();
            if (now.createsInSchema()) {
                missing.add("REVOKE CREATE ON SCHEMA " + schema + " FROM PUBLIC, " + role);
            }
            if (now.createsInPublic()) {
                listener.noticed("The application's role " + application.user() + " can make objects in the schema public of "
                        + session.endpoint().address() + "; an administrator can forbid it: REVOKE CREATE ON SCHEMA public FROM"
                        + " PUBLIC, " + role);
            }
        }
        if (!missing.isEmpty()) {
            throw forAdministrator("may not set the rights of the application's role " + application.user(), missing);
        }
    }

    /** Lets the application read the history, to check that it is current, and not write it: once Flyway has made it. */
    void protectHistory() throws SQLException {
        if (hasOwner()) {
            session.execute(protection());
        }
    }

    private String protection() {
        return "REVOKE INSERT, UPDATE, DELETE ON " + session.quoted(target.schema()) + "."
                + session.quoted(MigrationHistory.TABLE) + " FROM " + session.quoted(application.user());
    }

    private Found look() throws SQLException {
        String sql =
                """
                SELECT n.oid IS NOT NULL AS schema_there,
                       coalesce(pg_get_userbyid(n.nspowner)::text, '') AS schema_owner,
                       coalesce(pg_has_role(n.nspowner, 'USAGE'), false) AS owns_schema,
                       has_database_privilege(current_database(), 'CREATE') AS may_create_schema,
                       r.oid IS NOT NULL AS role_there,
                       me.rolsuper OR me.rolcreaterole AS may_create_role,
                       coalesce(has_database_privilege(r.oid, current_database(), 'CONNECT'), false) AS connects,
                       coalesce(has_schema_privilege(r.oid, n.oid, 'CREATE'), false) AS creates_in_schema,
                       coalesce(has_schema_privilege(r.oid, p.oid, 'CREATE'), false) AS creates_in_public,
                       coalesce(r.rolsuper OR pg_has_role(r.oid, me.oid, 'USAGE'), false) AS is_powerful
                FROM pg_roles me
                LEFT JOIN pg_namespace n ON n.nspname = ?
                LEFT JOIN pg_namespace p ON p.nspname = 'public'
                LEFT JOIN pg_roles r ON r.rolname = ?
                WHERE me.rolname = current_user
                """;
        try (PreparedStatement statement = session.connection().prepareStatement(sql)) {
            statement.setString(1, target.schema());
            statement.setString(2, application.user());
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    throw new SQLException("The server does not know " + session.endpoint().user() + " any more", "28000");
                }
                return new Found(
                        row.getBoolean("schema_there"),
                        row.getString("schema_owner"),
                        row.getBoolean("owns_schema"),
                        row.getBoolean("may_create_schema"),
                        row.getBoolean("role_there"),
                        row.getBoolean("may_create_role"),
                        row.getBoolean("connects"),
                        row.getBoolean("creates_in_schema"),
                        row.getBoolean("creates_in_public"),
                        row.getBoolean("is_powerful"));
            }
        }
    }

    private AnabranchException forAdministrator(String what, List<String> statements) {
        return new AnabranchException(
                ErrorCode.CONFIGURATION_INVALID,
                session.endpoint().user() + " " + what + " on " + target.database().name() + " ("
                        + session.endpoint().address() + "), which " + target + " needs",
                "Let an administrator of that database run: " + String.join("; ", statements));
    }
}
