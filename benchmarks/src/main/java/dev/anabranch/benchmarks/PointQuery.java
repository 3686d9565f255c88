// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import dev.anabranch.Anabranch;
import dev.anabranch.tenant.TenantContext;
import dev.anabranch.tenant.TenantId;
import java.sql.SQLException;
import java.util.concurrent.ThreadLocalRandom;
import javax.sql.DataSource;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** {@code getConnection}, one point query, {@code close}: through a bare pool and through the library. */
public class PointQuery {

    /** A bare HikariCP pool. */
    @State(Scope.Benchmark)
    public static class Bare {
        private final HikariDataSource source = Notes.bare(Notes.endpoint());

        /** Closes the pool. */
        @TearDown
        public void close() {
            source.close();
        }
    }

    /** The library. */
    @State(Scope.Benchmark)
    public static class Routed {
        private final Anabranch anabranch = Notes.routed(Notes.endpoint());
        private final TenantId tenant = new TenantId("1");
        private DataSource source = anabranch.dataSource();

        /** The data source is taken once, as an application does. */
        @Setup
        public void take() {
            source = anabranch.dataSource();
        }

        /** Closes the pools. */
        @TearDown
        public void close() {
            anabranch.close();
        }
    }

    /** One query through the bare pool. */
    @Benchmark
    public String bare(Bare bare) throws SQLException {
        return Notes.ask(bare.source, "1", id());
    }

    /** The same through the library, the binding of the tenant included. */
    @Benchmark
    public String routed(Routed routed) throws SQLException {
        return TenantContext.call(routed.tenant, () -> Notes.ask(routed.source, "1", id()));
    }

    private static int id() {
        return 1 + ThreadLocalRandom.current().nextInt(Notes.ROWS);
    }
}
