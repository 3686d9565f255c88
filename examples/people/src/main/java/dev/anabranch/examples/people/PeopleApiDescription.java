// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.people;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.parameters.HeaderParameter;
import org.springdoc.core.customizers.OperationCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What the OpenAPI page says of the whole. */
@Configuration(proxyBeanMethods = false)
class PeopleApiDescription {
    @Bean
    OpenAPI openApi() {
        return new OpenAPI()
                .info(new Info()
                        .title("People")
                        .version("1")
                        .description("Saves and lists the people of customers. Each request is one customer's, named in"
                                + " the header X-Customer-ID and in the path. Failures are problem details (RFC 9457)"
                                + " with a code and next_steps."));
    }

    /** The header that each request needs. */
    @Bean
    OperationCustomizer customerHeader() {
        return (operation, handler) -> operation.addParametersItem(new HeaderParameter()
                .name("X-Customer-ID")
                .required(true)
                .description("Whose request it is; must agree with the path.")
                .schema(new StringSchema().minLength(1).maxLength(128)));
    }
}
