// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import dev.anabranch.Anabranch;
import dev.anabranch.tenant.TenantContext;
import java.sql.SQLException;
import org.openjdk.jmh.annotations.Benchmark;

/** In a JVM that has just started: open, ask one query, close. */
public class FirstQuery {

    /** With a bare pool. */
    @Benchmark
    public String bare() throws SQLException {
        try (HikariDataSource source = Notes.bare(Notes.endpoint())) {
            return Notes.ask(source, "1", 1);
        }
    }

    /** With the library. */
    @Benchmark
    public String routed() throws SQLException {
        try (Anabranch anabranch = Notes.routed(Notes.endpoint())) {
            return TenantContext.call("1", () -> Notes.ask(anabranch.dataSource(), "1", 1));
        }
    }
}
