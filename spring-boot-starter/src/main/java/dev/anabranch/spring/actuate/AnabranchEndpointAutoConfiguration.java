// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.actuate;

import dev.anabranch.Anabranch;
import dev.anabranch.spring.AnabranchAutoConfiguration;
import dev.anabranch.spring.AnabranchProperties;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

/** The actuator's endpoint {@code anabranch}, where it is exposed. */
@AutoConfiguration(after = AnabranchAutoConfiguration.class)
@ConditionalOnClass({Endpoint.class, ConditionalOnAvailableEndpoint.class})
@ConditionalOnBean(Anabranch.class)
@ConditionalOnAvailableEndpoint(AnabranchEndpoint.class)
public final class AnabranchEndpointAutoConfiguration {
    @Bean
    AnabranchEndpoint anabranchEndpoint(Anabranch anabranch, AnabranchProperties properties) {
        return new AnabranchEndpoint(anabranch, properties.primaryGroup());
    }
}
