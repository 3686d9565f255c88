// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.actuate;

import dev.anabranch.Anabranch;
import dev.anabranch.spring.AnabranchAutoConfiguration;
import dev.anabranch.spring.web.ConsistencyCounts;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

/** Registers the meters of databases and topology with the application's registry. */
@AutoConfiguration(after = AnabranchAutoConfiguration.class)
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean(Anabranch.class)
public final class AnabranchMetricsAutoConfiguration {
    @Bean
    MeterBinder anabranchMeters(Anabranch anabranch) {
        return new DatabaseMeters(() -> anabranch.topology().revision(), anabranch::databases, anabranch::onChange);
    }

    @Bean
    MeterBinder anabranchReplicaMeters(Anabranch anabranch) {
        return new ReplicaMeters(anabranch::topology, anabranch::replicas, anabranch::reads, anabranch::onChange);
    }

    @Bean
    MeterBinder anabranchTokenMeters(ObjectProvider<ConsistencyCounts> counts) {
        return registry -> counts.ifAvailable(found -> {
            FunctionCounter.builder("anabranch.consistency.tokens.forged", found, ConsistencyCounts::forged)
                    .description("Requests whose cookie was no token of this deployment; primaries answered them")
                    .register(registry);
            FunctionCounter.builder("anabranch.consistency.tokens.late", found, ConsistencyCounts::late)
                    .description("Answers that were on their way before the request's last write")
                    .register(registry);
        });
    }
}
