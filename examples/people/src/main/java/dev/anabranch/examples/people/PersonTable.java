// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.people;

import dev.anabranch.routing.DatabasePreparation;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Flavor;
import dev.anabranch.topology.Group;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.springframework.core.io.ClassPathResource;
import org.springframework.stereotype.Component;

/** Makes the table on each database before the first statement there. */
@Component
class PersonTable implements DatabasePreparation {
    /** The letters "person" as a number: nobody else should take this lock. */
    private static final long LOCK = 0x706572736f6eL;

    @Override
    public void prepare(Database database, List<Group> groups, Connection connection) throws SQLException {
        // Asked first, because a role that may not create a table is refused even where the table exists.
        if (exists(connection)) {
            return;
        }
        switch (database.flavor()) {
            case POSTGRES -> createOnPostgres(connection);
            case MYSQL, MARIADB -> create(connection, Flavor.MYSQL);
        }
    }

    /** Two instances that create a table at once can both fail on PostgreSQL, even with "if not exists". */
    private static void createOnPostgres(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("select pg_advisory_xact_lock(" + LOCK + ")");
            create(connection, Flavor.POSTGRES);
            connection.commit();
        } catch (SQLException e) {
            connection.rollback();
            throw e;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    private static void create(Connection connection, Flavor flavor) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(new ClassPathResource("db/person-" + flavor.id() + ".sql")
                    .getContentAsString(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new SQLException("The table's SQL is not in the jar", e);
        }
    }

    private static boolean exists(Connection connection) throws SQLException {
        try (ResultSet tables = connection
                .getMetaData()
                .getTables(connection.getCatalog(), connection.getSchema(), "person", new String[] {"TABLE"})) {
            return tables.next();
        }
    }
}
