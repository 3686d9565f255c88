// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.snippet;

import dev.anabranch.Anabranch;
import dev.anabranch.tenant.TenantContext;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/** The README's example as a program. */
final class PlainUse {
    private PlainUse() {}

    public static void main(String[] arguments) throws SQLException {
        // snippet: plain
        try (Anabranch anabranch = Anabranch.fromEnvironment("notes")) {
            DataSource notes = anabranch.dataSource();
            TenantContext.call("acme", () -> {
                try (Connection connection = notes.getConnection();
                        Statement statement = connection.createStatement()) {
                    return statement.executeUpdate("insert into note values ('acme', 'hello')");
                }
            });
        }
        // end
    }
}
