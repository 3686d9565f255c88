// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.actuate;

import dev.anabranch.routing.DatabaseStatus;
import dev.anabranch.topology.Topology;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;

/**
 * The topology's revision, and connections by database and state. A tenant is never a label: there may be millions.
 */
final class DatabaseMeters implements MeterBinder {
    private final LongSupplier revision;
    private final Supplier<List<DatabaseStatus>> databases;
    private final Consumer<Consumer<Topology>> changes;

    /**
     * @param revision the topology's revision now
     * @param databases the figures of each database now
     * @param changes takes a listener for each topology that replaces another
     */
    DatabaseMeters(
            LongSupplier revision, Supplier<List<DatabaseStatus>> databases, Consumer<Consumer<Topology>> changes) {
        this.revision = revision;
        this.databases = databases;
        this.changes = changes;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("anabranch.topology.revision", revision, LongSupplier::getAsLong)
                .description("Revision of the topology that routes are decided by")
                .register(registry);
        MultiGauge connections = MultiGauge.builder("anabranch.connections")
                .description("Connections to a database, by state")
                .register(registry);
        MultiGauge up = MultiGauge.builder("anabranch.database.up")
                .description("1 while nothing speaks against a database, 0 while no connection can be made")
                .register(registry);
        // The listener first: a change that comes in between is registered twice, and not missed.
        changes.accept(changed -> register(connections, up));
        register(connections, up);
    }

    private synchronized void register(MultiGauge connections, MultiGauge up) {
        List<MultiGauge.Row<?>> states = new ArrayList<>();
        List<MultiGauge.Row<?>> ups = new ArrayList<>();
        for (DatabaseStatus status : databases.get()) {
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
        return databases.get().stream()
                .filter(status -> status.database().equals(database))
                .mapToInt(figure)
                .findFirst()
                .orElse(0);
    }
}
