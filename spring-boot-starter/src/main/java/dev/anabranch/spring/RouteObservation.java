// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring;

import dev.anabranch.consistency.ServerChoice;
import dev.anabranch.routing.RouteDecision;
import dev.anabranch.routing.RouteListener;
import io.micrometer.common.KeyValue;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.springframework.beans.factory.ObjectProvider;

/**
 * Puts the route onto the observation that runs, and with it onto a trace's span: {@code anabranch.router},
 * {@code anabranch.database} and {@code anabranch.server}; of several routes the last.
 *
 * <p>As values that Micrometer calls of high cardinality, although they are few: the others become labels of the observation's
 * meter, and a meter whose requests have a label at one time and lack it at another is refused by Prometheus.
 */
final class RouteObservation implements RouteListener {
    private final ObjectProvider<ObservationRegistry> registry;

    /** Asked late: the registry may be made from beans that need a data source. */
    RouteObservation(ObjectProvider<ObservationRegistry> registry) {
        this.registry = registry;
    }

    @Override
    public void routed(RouteDecision decision, ServerChoice server) {
        ObservationRegistry found = registry.getIfAvailable();
        Observation running = found == null ? null : found.getCurrentObservation();
        if (running != null) {
            running.highCardinalityKeyValue(KeyValue.of("anabranch.router", decision.router()));
            running.highCardinalityKeyValue(KeyValue.of("anabranch.database", decision.database()));
            running.highCardinalityKeyValue(KeyValue.of("anabranch.server", server.server()));
        }
    }
}
