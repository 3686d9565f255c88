// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.actuate;

import dev.anabranch.Anabranch;
import dev.anabranch.routing.DatabaseStatus;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * The topology's revision, and connections by database and state. A tenant is never a label: there may be millions.
 */
final class DatabaseMeters implements MeterBinder {
    private final Anabranch anabranch;

    DatabaseMeters(Anabranch anabranch) {
        this.anabranch = anabranch;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("anabranch.topology.revision", anabranch, a -> a.topology().revision())
                .description("Revision of the topology that routes are decided by")
                .register(registry);
        MultiGauge connections = MultiGauge.builder("anabranch.connections")
                .description("Connections to a database, by state")
                .register(registry);
        MultiGauge up = MultiGauge.builder("anabranch.database.up")
                .description("1 while nothing speaks against a database, 0 while no connection can be made")
                .register(registry);
        register(connections, up);
        anabranch.onChange(changed -> register(connections, up));
    }

    private void register(MultiGauge connections, MultiGauge up) {
        List<MultiGauge.Row<?>> states = new ArrayList<>();
        List<MultiGauge.Row<?>> ups = new ArrayList<>();
        for (DatabaseStatus status : anabranch.databases()) {
            String database = status.database();
            states.add(row(database, "active", DatabaseStatus::active));
            states.add(row(database, "idle", DatabaseStatus::idle));
            states.add(row(database, "waiting", DatabaseStatus::waiting));
            states.add(row(database, "max", DatabaseStatus::most));
            ups.add(MultiGauge.Row.of(
                    Tags.of("database", database), () -> now(database, s -> s.isUp() ? 1 : 0)));
        }
        connections.register(states, true);
        up.register(ups, true);
    }

    private MultiGauge.Row<?> row(String database, String state, ToIntFunction<DatabaseStatus> figure) {
        return MultiGauge.Row.of(Tags.of("database", database, "state", state), () -> now(database, figure));
    }

    private int now(String database, ToIntFunction<DatabaseStatus> figure) {
        return anabranch.databases().stream()
                .filter(status -> status.database().equals(database))
                .mapToInt(figure)
                .findFirst()
                .orElse(0);
    }
}
