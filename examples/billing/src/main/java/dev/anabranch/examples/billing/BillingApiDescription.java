// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.billing;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.info.Info;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What the OpenAPI page says of the whole. */
@Configuration(proxyBeanMethods = false)
class BillingApiDescription {
    @Bean
    OpenAPI openApi() {
        return new OpenAPI()
                .info(new Info()
                        .title("Billing")
                        .version("1")
                        .description("Plans, subscriptions and invoices. No request needs a tenant: the group is global."
                                + " Failures are problem details (RFC 9457) with a code and next_steps."));
    }
}
