// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.actuate;

import dev.anabranch.Anabranch;
import dev.anabranch.spring.AnabranchAutoConfiguration;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
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
}
