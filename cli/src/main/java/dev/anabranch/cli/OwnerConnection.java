// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.cli.terminal.CliFailure;
import dev.anabranch.operations.migration.apply.Target;
import dev.anabranch.topology.Flavor;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;

/** A connection to a target's database as the owner of its schema. */
final class OwnerConnection {
    private static final String CONNECT_SECONDS = "5";

    private OwnerConnection() {}

    /**
     * Opens it.
     *
     * @throws CliFailure where the database is not PostgreSQL, the owner's password is not known, or it cannot be reached
     */
    static Connection open(Target target) {
        var at = target.migrating();
        if (at.flavor() != Flavor.POSTGRES) {
            throw CliFailure.usage(
                    "The database " + target.database().name() + " is " + at.flavor().id()
                            + ", and schemas are compared on PostgreSQL alone",
                    "Write its migrations by hand: apply, plan and status work the same");
        }
        if (at.password().isEmpty() && target.database().ownerLogin() != null) {
            throw CliFailure.failed(
                    "The password of " + at.user() + ", who owns the schemas of " + target.database().name()
                            + ", is not known here",
                    "Set what its reference in the topology leads to, or ask the directory with a token of the role migrator",
                    null);
        }
        var properties = new Properties();
        properties.setProperty("user", at.user());
        properties.setProperty("password", at.password().reveal());
        properties.setProperty("connectTimeout", CONNECT_SECONDS);
        properties.setProperty("ApplicationName", "anabranch migrate");
        try {
            return DriverManager.getConnection(at.jdbcUrl(), properties);
        } catch (SQLException e) {
            throw CliFailure.failed(
                    "The database " + target.database().name() + " at " + at.address() + " cannot be reached as " + at.user()
                            + ": " + e.getMessage() + " [" + e.getSQLState() + "]",
                    "Check the server and what the topology says of it",
                    e);
        }
    }

    /** A failure of the database itself. */
    static CliFailure failed(Target target, SQLException e) {
        return CliFailure.failed(
                "The database " + target.database().name() + " failed: " + e.getMessage() + " [" + e.getSQLState() + "]",
                "42501".equals(e.getSQLState()) ? "Grant it to the owner of the schema" : "Try again, and look at its log",
                e);
    }
}
