// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.http;

import dev.anabranch.directory.server.problem.Problem;
import dev.anabranch.directory.server.problem.ProblemCode;
import dev.anabranch.directory.server.security.Allowed;
import dev.anabranch.directory.server.store.ChangeRequest;
import dev.anabranch.directory.server.store.TokenRow;
import io.swagger.v3.core.converter.ModelConverters;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.examples.Example;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.media.BooleanSchema;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.parameters.Parameter;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.security.SecurityRequirement;
import io.swagger.v3.oas.models.security.SecurityScheme;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.springdoc.core.customizers.OperationCustomizer;
import org.springdoc.core.utils.SpringDocUtils;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.method.HandlerMethod;

/** The OpenAPI document: how to authenticate, who may call what, and what errors look like. */
@Configuration(proxyBeanMethods = false)
class ApiDescription {
    private static final String SCHEME = "bearer";

    ApiDescription() {
        SpringDocUtils.getConfig().addRequestWrapperToIgnore(ChangeRequest.class, TokenRow.class);
    }

    @Bean
    OpenAPI description() {
        Components components = new Components()
                .addSecuritySchemes(
                        SCHEME,
                        new SecurityScheme()
                                .type(SecurityScheme.Type.HTTP)
                                .scheme("bearer")
                                .bearerFormat("anab_…")
                                .description("A token of POST /v1/tokens. The first admin token is in the file that"
                                        + " ANABRANCH_ADMIN_TOKEN_FILE names."));
        ModelConverters.getInstance().read(Problem.class).forEach(components::addSchemas);
        return new OpenAPI()
                .info(new Info()
                        .title("Anabranch directory")
                        .version("v1")
                        .description("""
                                Knows where each tenant lives. Roles: `viewer` reads; `app` reads, and gets the
                                applications' credentials; `migrator` does that, and alone gets those of the owners who
                                migrate; `operator` changes databases, groups and placements; `admin` does that too,
                                and tokens, the audit and `force`.

                                Every error is problem details (RFC 9457) with a stable `code` and `next_steps`. Every
                                change is audited under the token's name with the reason in `X-Reason`, and answers with
                                what was there before and is there after; `dry_run=true` answers the same and changes
                                nothing. `If-Match: "<revision>"` refuses a change when somebody else was faster."""))
                .components(components)
                .addSecurityItem(new SecurityRequirement().addList(SCHEME));
    }

    @Bean
    OperationCustomizer operations() {
        return (operation, method) -> {
            Allowed allowed = method.getMethodAnnotation(Allowed.class);
            if (allowed == null) {
                return operation;
            }
            String roles = Arrays.stream(allowed.value()).map(role -> "`" + role.id() + "`").collect(Collectors.joining(", "));
            String described = operation.getDescription();
            operation.setDescription((described == null ? "" : described + "\n\n") + "Roles: " + roles);
            boolean changes = Arrays.stream(method.getMethodParameters())
                    .anyMatch(parameter -> parameter.getParameterType() == ChangeRequest.class);
            if (changes) {
                describeChange(operation);
            }
            if (changes && operation.getResponses().containsKey("200")) {
                ApiResponse done = operation.getResponses().get("200");
                done.description("Done, or with dry_run=true what would be done");
                operation
                        .getResponses()
                        .addApiResponse("201", new ApiResponse().description("Done, and new").content(done.getContent()));
            }
            describeProblems(operation, method, changes);
            return operation;
        };
    }

    private static void describeChange(Operation operation) {
        operation.addParametersItem(new Parameter()
                .in("query")
                .name("dry_run")
                .description("Answer what would change, and change nothing")
                .schema(new BooleanSchema()));
        operation.addParametersItem(new Parameter()
                .in("query")
                .name("force")
                .description("Change placements although rows stay behind; role admin alone")
                .schema(new BooleanSchema()));
        operation.addParametersItem(new Parameter()
                .in("header")
                .name("If-Match")
                .description("The revision that was seen, in quotes: \"12\"")
                .schema(new StringSchema()));
        operation.addParametersItem(new Parameter()
                .in("header")
                .name("X-Reason")
                .description("Why, for the audit")
                .schema(new StringSchema()));
    }

    private static void describeProblems(Operation operation, HandlerMethod method, boolean changes) {
        problem(operation, ProblemCode.UNAUTHENTICATED, "The request carries no token that is accepted");
        problem(operation, ProblemCode.NOT_ALLOWED, "The role viewer may not do this; allowed: operator, admin");
        problem(operation, ProblemCode.META_UNAVAILABLE, "The directory's meta database does not answer");
        List<Parameter> parameters = operation.getParameters() == null ? List.of() : operation.getParameters();
        if (parameters.stream().anyMatch(parameter -> "tenant".equals(parameter.getName()))) {
            problem(operation, ProblemCode.TENANT_INVALID, "The tenant id ' 42' begins or ends with white space");
            problem(operation, ProblemCode.TENANT_UNKNOWN, "The group 'people' serves listed tenants alone");
        } else if (method.getMethodParameters().length > 0) {
            problem(operation, ProblemCode.REQUEST_INVALID, "The parameter 'limit' is not between 1 and 1000");
        }
        if (changes) {
            problem(operation, ProblemCode.TENANT_HAS_DATA, "The tenant '42' has rows on 'shard-1' (in public.person)");
            problem(operation, ProblemCode.REVISION_CONFLICT, "The topology is at revision 13, and If-Match asks for 12");
        }
    }

    private static void problem(Operation operation, ProblemCode code, String detail) {
        String status = Integer.toString(code.status());
        if (operation.getResponses().containsKey(status)) {
            return;
        }
        MediaType json = new MediaType()
                .schema(new Schema<Problem>().$ref("#/components/schemas/Problem"))
                .addExamples(code.code(), new Example().value(Problem.of(code, detail)));
        operation
                .getResponses()
                .addApiResponse(
                        status,
                        new ApiResponse()
                                .description(code.title())
                                .content(new Content().addMediaType(Problem.MEDIA_TYPE, json)));
    }
}
