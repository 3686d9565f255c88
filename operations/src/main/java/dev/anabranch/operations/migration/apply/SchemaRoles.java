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
            boolean mayCreateInSchema,
            boolean connects,
            boolean usesSchema,
            boolean hasDefaults,
            boolean createsInSchema,
            boolean createsInPublic,
            boolean createsInPublicByItself,
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
        } else if (!hasOwner() && !found.ownsSchema() && !found.mayCreateInSchema()) {
            throw forAdministrator(
                    "may not make objects in the schema " + target.schema() + ", which is " + found.schemaOwner() + "'s",
                    List.of("GRANT USAGE, CREATE ON SCHEMA " + schema + " TO " + owner));
        } else if (hasOwner() && !found.ownsSchema()) {
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
        if (!history || !found.usesSchema()) {
            // Once, and never again: what a file takes away stays away.
            grant();
        } else if (!found.hasDefaults()) {
            session.execute(defaults());
        }
        if (history) {
            protectHistory();
        }
        restrict();
    }

    /** Whether the application's role is there and was let into the schema, which is there too. */
    boolean isReady() throws SQLException {
        if (!hasOwner()) {
            return true;
        }
        Found found = look();
        return found.role() && found.usesSchema();
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

    private void grant() throws SQLException {
        String schema = session.quoted(target.schema());
        String role = session.quoted(application.user());
        List<String> tables = new ArrayList<>();
        List<String> sequences = new ArrayList<>();
        List<String> others = new ArrayList<>();
        String sql = "SELECT relname, relkind = 'S' AS sequence, pg_has_role(relowner, 'USAGE') AS mine FROM pg_class"
                + " WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND relnamespace = "
                + "(SELECT oid FROM pg_namespace WHERE nspname = ?) ORDER BY relname";
        try (PreparedStatement statement = session.connection().prepareStatement(sql)) {
            statement.setString(1, target.schema());
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    String name = schema + "." + session.quoted(row.getString("relname"));
                    (!row.getBoolean("mine") ? others : row.getBoolean("sequence") ? sequences : tables).add(name);
                }
            }
        }
        // One text is one transaction. Routines may be executed by everybody until somebody takes that away on purpose.
        session.execute("GRANT USAGE ON SCHEMA " + schema + " TO " + role
                + (tables.isEmpty()
                        ? ""
                        : "; GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE " + String.join(", ", tables) + " TO " + role
                                + (tables.contains(history()) ? "; " + protection() : ""))
                + (sequences.isEmpty() ? "" : "; GRANT USAGE ON SEQUENCE " + String.join(", ", sequences) + " TO " + role)
                + "; " + defaults());
        if (!others.isEmpty()) {
            listener.noticed("Objects in the schema " + target.schema() + " of " + session.endpoint().address()
                    + " are not " + session.endpoint().user() + "'s, who therefore lets nobody use them: "
                    + String.join(", ", others.subList(0, Math.min(5, others.size()))) + (others.size() > 5 ? ", …" : ""));
        }
    }

    /** For what the one who migrates makes from now on. */
    private String defaults() {
        String role = session.quoted(application.user());
        String later = "ALTER DEFAULT PRIVILEGES IN SCHEMA " + session.quoted(target.schema()) + " GRANT ";
        return later + "SELECT, INSERT, UPDATE, DELETE ON TABLES TO " + role
                + "; " + later + "USAGE ON SEQUENCES TO " + role
                + "; " + later + "EXECUTE ON ROUTINES TO " + role;
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
        // From the role alone: others may live on what everybody may do.
        if (found.createsInSchema()) {
            session.execute("REVOKE CREATE ON SCHEMA " + schema + " FROM " + role);
        }
        if (found.createsInPublicByItself()) {
            try {
                session.execute("REVOKE CREATE ON SCHEMA public FROM " + role);
            } catch (SQLException e) {
                if (!MigrationErrors.isDenied(e)) {
                    throw e;
                }
            }
        }
        if (found.createsInSchema() || found.createsInPublic()) {
            Found now = look();
            if (now.createsInSchema()) {
                noticeCreate(target.schema(), "REVOKE CREATE ON SCHEMA " + schema + " FROM PUBLIC, " + role);
            }
            if (now.createsInPublic() && !target.schema().equals("public")) {
                noticeCreate("public", "REVOKE CREATE ON SCHEMA public FROM PUBLIC, " + role);
            }
        }
        if (!missing.isEmpty()) {
            throw forAdministrator("may not set the rights of the application's role " + application.user(), missing);
        }
    }

    private void noticeCreate(String schema, String statement) {
        listener.noticed("The application's role " + application.user() + " can make objects in the schema " + schema + " of "
                + session.endpoint().address() + ", as others can; where none of them needs to, forbid it: " + statement);
    }

    /** Lets the application read the history, to check that it is current, and not write it: once Flyway has made it. */
    void protectHistory() throws SQLException {
        if (hasOwner()) {
            session.execute(protection());
        }
    }

    private String protection() {
        return "REVOKE INSERT, UPDATE, DELETE ON " + history() + " FROM " + session.quoted(application.user());
    }

    private String history() {
        return session.quoted(target.schema()) + "." + session.quoted(MigrationHistory.TABLE);
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
                       coalesce(has_schema_privilege(n.oid, 'USAGE') AND has_schema_privilege(n.oid, 'CREATE'), false)
                           AS may_create_in_schema,
                       coalesce(has_database_privilege(r.oid, current_database(), 'CONNECT'), false) AS connects,
                       coalesce(r.rolsuper, false)
                           OR EXISTS (SELECT FROM aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a
                                      WHERE a.privilege_type = 'USAGE' AND a.grantee <> 0
                                        AND pg_has_role(r.oid, a.grantee, 'USAGE')) AS uses_schema,
                       coalesce(r.rolsuper, false)
                           OR EXISTS (SELECT FROM pg_default_acl d, aclexplode(d.defaclacl) a
                                      WHERE d.defaclrole = me.oid AND d.defaclnamespace = n.oid AND a.grantee = r.oid)
                           AS has_defaults,
                       coalesce(has_schema_privilege(r.oid, n.oid, 'CREATE'), false) AS creates_in_schema,
                       coalesce(has_schema_privilege(r.oid, p.oid, 'CREATE'), false) AS creates_in_public,
                       EXISTS (SELECT FROM aclexplode(p.nspacl) a WHERE a.privilege_type = 'CREATE' AND a.grantee = r.oid)
                           AS creates_in_public_by_itself,
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
                        row.getBoolean("may_create_in_schema"),
                        row.getBoolean("connects"),
                        row.getBoolean("uses_schema"),
                        row.getBoolean("has_defaults"),
                        row.getBoolean("creates_in_schema"),
                        row.getBoolean("creates_in_public"),
                        row.getBoolean("creates_in_public_by_itself"),
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
