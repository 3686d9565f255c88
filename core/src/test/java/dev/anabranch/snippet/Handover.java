// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.snippet;

import dev.anabranch.tenant.TenantContext;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import javax.sql.DataSource;

import static org.assertj.core.api.Assertions.assertThat;

/** The guide's example of work on another thread. */
final class Handover {
    private Handover() {}

    static void run(ExecutorService executor, DataSource notes) {
        // snippet: handover
        TenantContext.run("acme", () -> {
            Future<Integer> reported = executor.submit(TenantContext.propagating(() -> report(notes)));
            awaitLater(reported);
        });
        // end
    }

    private static void awaitLater(Future<Integer> reported) {
        assertThat(reported).succeedsWithin(Duration.ofSeconds(10)).isEqualTo(1);
    }

    private static int report(DataSource notes) throws SQLException {
        try (Connection connection = notes.getConnection();
                Statement statement = connection.createStatement()) {
            return statement.executeUpdate("insert into note values ('acme', 'report')");
        }
    }
}
