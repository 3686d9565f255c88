// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.reviews;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.info.Info;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What the OpenAPI page says of the whole. */
@Configuration(proxyBeanMethods = false)
class ReviewsApiDescription {
    @Bean
    OpenAPI openApi() {
        return new OpenAPI()
                .info(new Info()
                        .title("Reviews")
                        .version("1")
                        .description("Products and their reviews. The header X-Served-By names the database servers that"
                                + " answered. A cookie carries what the caller has written, so that it never reads older"
                                + " than that. Failures are problem details (RFC 9457) with a code and next_steps."));
    }
}
