// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.actuate;

import dev.anabranch.Anabranch.Reads;
import dev.anabranch.consistency.ReplicaStatus;
import dev.anabranch.consistency.ServerChoice.Why;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Replica;
import dev.anabranch.topology.Topology;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** How each replica stands, and which server has answered reads and why. */
final class ReplicaMeters implements MeterBinder {
    /** Why a primary answers a read. */
    private static final List<Why> BY_PRIMARY =
            List.of(Why.STRONG, Why.NO_REPLICA, Why.NONE_IN_ROTATION, Why.NONE_NEW_ENOUGH);

    private final Supplier<Topology> topology;
    private final Supplier<List<ReplicaStatus>> replicas;
    private final Supplier<List<Reads>> reads;
    private final Consumer<Consumer<Topology>> changes;

    ReplicaMeters(
            Supplier<Topology> topology,
            Supplier<List<ReplicaStatus>> replicas,
            Supplier<List<Reads>> reads,
            Consumer<Consumer<Topology>> changes) {
        this.topology = topology;
        this.replicas = replicas;
        this.reads = reads;
        this.changes = changes;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauges gauges = new Gauges(
                MultiGauge.builder("anabranch.replica.lag")
                        .description("How far what a replica shows is behind its primary, at most; not a number where unknown")
                        .baseUnit("seconds")
                        .register(registry),
                MultiGauge.builder("anabranch.replica.in.rotation")
                        .description("1 while a replica may be given reads, else 0")
                        .register(registry),
                MultiGauge.builder("anabranch.replica.outstanding")
                        .description("Connections to a replica that are lent now")
                        .register(registry));
        // The listener first: a change that comes in between is registered twice, and not missed.
        changes.accept(changed -> register(registry, gauges, changed));
        register(registry, gauges, topology.get());
    }

    private record Gauges(MultiGauge lag, MultiGauge inRotation, MultiGauge outstanding) {}

    private synchronized void register(MeterRegistry registry, Gauges gauges, Topology now) {
        List<MultiGauge.Row<?>> lags = new ArrayList<>();
        List<MultiGauge.Row<?>> rotation = new ArrayList<>();
        List<MultiGauge.Row<?>> outstanding = new ArrayList<>();
        for (Database database : now.databases().values()) {
            for (Replica replica : database.replicas()) {
                String name = replica.name();
                lags.add(row(database, name, status -> status.lag().map(ReplicaMeters::seconds).orElse(Double.NaN)));
                rotation.add(row(database, name, status -> status.inRotation() ? 1 : 0));
                outstanding.add(row(database, name, ReplicaStatus::outstanding));
                count(registry, database.name(), name, Why.REPLICA);
            }
            if (!database.replicas().isEmpty()) {
                BY_PRIMARY.forEach(why -> count(registry, database.name(), database.name(), why));
            }
        }
        gauges.lag().register(lags, true);
        gauges.inRotation().register(rotation, true);
        gauges.outstanding().register(outstanding, true);
    }

    private MultiGauge.Row<?> row(Database database, String replica, ToDoubleFunction<ReplicaStatus> figure) {
        return MultiGauge.Row.of(
                Tags.of("database", database.name(), "replica", replica),
                () -> replicas.get().stream()
                        .filter(status -> status.database().equals(database.name()) && status.replica().equals(replica))
                        .mapToDouble(figure)
                        .findFirst()
                        .orElse(Double.NaN));
    }

    /** Registering one that is there already changes nothing. */
    private void count(MeterRegistry registry, String database, String server, Why why) {
        FunctionCounter.builder("anabranch.reads", this, meters -> meters.counted(database, server, why))
                .description("Connections that have answered reads, by server and by why it was that one")
                .tags("database", database, "server", server, "why", why.name().toLowerCase(Locale.ROOT))
                .register(registry);
    }

    private double counted(String database, String server, Why why) {
        return reads.get().stream()
                .filter(one -> one.database().equals(database) && one.server().equals(server) && one.why() == why)
                .mapToLong(Reads::count)
                .sum();
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1_000.0;
    }
}
