// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.actuate;

import dev.anabranch.routing.DatabaseStatus;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Meters while the topology changes. */
class DatabaseMetersTest {

    @Test
    void missesNoDatabaseThatComesWhileItRegisters() {
        List<DatabaseStatus> databases = new ArrayList<>(List.of(status("one")));
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        // The change comes before the listener is there, which is therefore not told.
        new DatabaseMeters(() -> 1, () -> List.copyOf(databases), listener -> databases.add(status("two")))
                .bindTo(registry);
        assertThat(registry.get("anabranch.database.up").gauges())
                .extracting(gauge -> gauge.getId().getTag("database"))
                .containsExactlyInAnyOrder("one", "two");
    }

    private static DatabaseStatus status(String database) {
        return new DatabaseStatus(database, false, 0, 0, 0, 1, null, null);
    }
}
