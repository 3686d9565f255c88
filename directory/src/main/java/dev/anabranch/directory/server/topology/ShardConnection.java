// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.topology;

import dev.anabranch.directory.server.store.LoginRow;
import dev.anabranch.topology.Endpoint;
import dev.anabranch.topology.Flavor;
import dev.anabranch.topology.Secret;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/** Connections of the directory's own to databases that hold tenants' rows: for one look, and never waiting for long. */
final class ShardConnection {
    static final int TIMEOUT_SECONDS = 3;

    // Longer than a statement's, which ends in an answer and not in a broken connection.
    private static final int SOCKET_TIMEOUT_SECONDS = 4;

    private ShardConnection() {}

    static Connection open(Endpoint at) throws SQLException {
        boolean postgres = at.flavor() == Flavor.POSTGRES;
        int unit = postgres ? 1 : 1000;
        Map<String, String> parameters = new TreeMap<>(at.properties());
        parameters.put("connectTimeout", Integer.toString(TIMEOUT_SECONDS * unit));
        parameters.put("socketTimeout", Integer.toString(SOCKET_TIMEOUT_SECONDS * unit));
        if (postgres) {
            parameters.put("loginTimeout", Integer.toString(TIMEOUT_SECONDS));
            parameters.put("ApplicationName", "anabranch-directory");
            if (!"verify-full".equals(parameters.get("sslmode"))) {
                // Whoever answers there must not get the password by merely asking for it; TLS without the name in the
                // certificate only says that nobody else reads along.
                parameters.put("requireAuth", "!password");
            }
        } else {
            // A server may ask its clients for their files.
            parameters.put("allowLocalInfile", "false");
            String tls = parameters.getOrDefault("sslMode", "disable");
            if (!"disable".equals(tls) && !"verify-full".equals(tls)) {
                // The others send the password itself where there is TLS. Without TLS the driver sends it by none.
                parameters.put("restrictedAuth", "mysql_native_password,client_ed25519,parsec");
            }
        }
        // MariaDB's connector speaks to MySQL too, under its own scheme.
        Flavor scheme = postgres ? Flavor.POSTGRES : Flavor.MARIADB;
        Endpoint limited =
                new Endpoint(scheme, at.host(), at.port(), at.database(), at.user(), at.password(), parameters);
        Properties login = new Properties();
        login.setProperty("user", at.user());
        login.setProperty("password", at.password().reveal());
        return DriverManager.getConnection(limited.jdbcUrl(), login);
    }

    /** Tries a login, and says in a sentence whether it was let in. */
    static String tried(LoginRow login, Secret password) {
        Endpoint at = login.at().as(login.at().user(), password);
        String who = (login.owner() ? "The owner '" : "The user '") + at.user() + "'";
        try (Connection connection = open(at)) {
            return who + " can log in to " + at.address() + " (" + connection.getMetaData().getDatabaseProductName() + ")";
        } catch (SQLException e) {
            // The same whatever failed: the state and the time would tell which ports of which hosts are open.
            return "Warning: " + who + " cannot log in to " + at.address() + " from here";
        }
    }
}
