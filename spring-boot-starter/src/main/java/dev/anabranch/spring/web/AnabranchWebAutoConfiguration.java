// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.web;

import dev.anabranch.Anabranch;
import dev.anabranch.Settings;
import dev.anabranch.consistency.ReplicaSettings;
import dev.anabranch.spring.AnabranchAutoConfiguration;
import dev.anabranch.spring.AnabranchProperties;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.catalina.valves.ErrorReportValve;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.tomcat.ConfigurableTomcatWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.boot.webmvc.error.ErrorAttributes;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

/** Binds the tenant of each request, and answers failures with problem details. */
@AutoConfiguration(
        after = AnabranchAutoConfiguration.class,
        beforeName = {
            "org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration",
            "org.springframework.boot.webmvc.autoconfigure.error.ErrorMvcAutoConfiguration"
        })
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnClass(DispatcherServlet.class)
@ConditionalOnBean(Anabranch.class)
@ConditionalOnBooleanProperty(name = "anabranch.web.enabled", matchIfMissing = true)
public final class AnabranchWebAutoConfiguration {
    /** After Spring Security's filters (-100), so that a resolver may ask who the caller is. */
    private static final int FILTER_ORDER = -50;
    /** Before Spring Security's, which reads and writes too when somebody logs in; after Spring Session's. */
    private static final int SESSION_ORDER = -105;
    private static final Logger LOG = LoggerFactory.getLogger(AnabranchWebAutoConfiguration.class);
    /** A cookie lives a little longer than it is needed: clocks and networks are not exact. */
    private static final Duration COOKIE_MARGIN = Duration.ofSeconds(10);

    @Bean
    Sources tenantSources(AnabranchProperties properties, ObjectProvider<TenantResolver> own) {
        AnabranchProperties.Web web = properties.web();
        HeaderTenantResolver header = new HeaderTenantResolver(web.header());
        Optional<PathTenantResolver> path =
                web.pathPattern().isEmpty() && web.resolver() != AnabranchProperties.Web.Source.PATH
                        ? Optional.empty()
                        : Optional.of(new PathTenantResolver(web.pathPattern(), web.pathVariable()));
        Optional<String> variable =
                path.map(PathTenantResolver::variable).or(() -> Optional.ofNullable(web.pathVariable()));
        List<TenantResolver> witnesses = new ArrayList<>();
        path.ifPresent(witnesses::add);
        TenantResolver application = own.getIfAvailable();
        if (application != null) {
            // The header says nothing to an application that knows its callers by something else.
            return new Sources(application, witnesses, variable);
        }
        witnesses.add(header);
        return switch (web.resolver()) {
            case HEADER -> new Sources(header, witnesses, variable);
            case PATH -> new Sources(path.orElseThrow(), witnesses, variable);
            case SUBDOMAIN -> new Sources(new SubdomainTenantResolver(web.domain()), witnesses, variable);
        };
    }

    @Bean
    Problems anabranchProblems(Sources sources, AnabranchProperties properties) {
        return new Problems(
                sources.resolver().instruction(), properties.web().problems());
    }

    @Bean
    RequestTenants requestTenants(Anabranch anabranch, AnabranchProperties properties, Sources sources) {
        return new RequestTenants(
                anabranch,
                properties.groupNames(),
                sources.resolver(),
                sources.witnesses(),
                properties.web().exclude().stream()
                        .map(PathTenantResolver::parse)
                        .toList());
    }

    @Bean
    FilterRegistrationBean<TenantFilter> tenantFilter(RequestTenants tenants, Problems problems) {
        return at(FILTER_ORDER, new TenantFilter(tenants, problems));
    }

    @Bean
    @ConditionalOnMissingBean
    AudienceResolver audienceResolver(Anabranch anabranch, AnabranchProperties properties) {
        return AudienceRules.of(properties.web().audience(), anabranch.topology());
    }

    @Bean
    FilterRegistrationBean<AudienceFilter> audienceFilter(AudienceResolver audiences, Problems problems) {
        return at(FILTER_ORDER + 1, new AudienceFilter(audiences, problems));
    }

    @Bean
    ConsistencyCounts consistencyCounts() {
        return new ConsistencyCounts();
    }

    /** With the scope of the tenant no session is bound, and what the tenant has written in this process counts. */
    @Bean
    @ConditionalOnProperty(name = "anabranch.consistency.scope", havingValue = "session", matchIfMissing = true)
    FilterRegistrationBean<ConsistencyFilter> consistencyFilter(
            Anabranch anabranch,
            ObjectProvider<Settings> settings,
            AnabranchProperties properties,
            ConsistencyCounts counts,
            Problems problems) {
        ReplicaSettings replicas =
                settings.stream().findFirst().map(Settings::replicas).orElse(ReplicaSettings.DEFAULT);
        Duration longest = replicas.maxLag().compareTo(replicas.window()) > 0 ? replicas.maxLag() : replicas.window();
        TokenCarrier tokens =
                new TokenCarrier(properties.consistency(), anabranch.tokens(), longest.plus(COOKIE_MARGIN));
        if (replicas.tokenKeys().isEmpty()
                && anabranch.topology().databases().values().stream().anyMatch(one -> !one.replicas().isEmpty())) {
            LOG.warn("No anabranch.consistency.keys (SHARDING_CONSISTENCY_KEYS): no other instance, and not this one after a"
                    + " restart, understands the tokens of what callers have written");
        }
        return at(
                SESSION_ORDER,
                new ConsistencyFilter(
                        anabranch, properties.consistency(), tokens, counts, problems, Clock.systemUTC()));
    }

    private static <T extends Filter> FilterRegistrationBean<T> at(int order, T filter) {
        FilterRegistrationBean<T> registration = new FilterRegistrationBean<>(filter);
        registration.setOrder(order);
        registration.setDispatcherTypes(DispatcherType.REQUEST, DispatcherType.ASYNC);
        return registration;
    }

    @Bean
    WebMvcConfigurer tenantPathAgreement(RequestTenants tenants, Problems problems, Sources sources) {
        return new WebMvcConfigurer() {
            @Override
            public void addInterceptors(InterceptorRegistry registry) {
                sources.variable().ifPresent(variable -> registry.addInterceptor(
                                new PathAgreement(tenants, problems, variable))
                        .order(Ordered.HIGHEST_PRECEDENCE));
            }
        };
    }

    /** What answers failures, unless the application wants to do so alone. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnBooleanProperty(name = "anabranch.web.problems", matchIfMissing = true)
    static class Answers {
        @Bean
        ProblemResolver anabranchProblemResolver(Problems problems) {
            return ProblemResolver.first(problems);
        }

        /** An application that has an error controller of its own wants to be asked. */
        @Bean
        @ConditionalOnMissingBean({ErrorController.class, ErrorAttributes.class})
        ProblemResolver unexpectedProblemResolver(Problems problems) {
            return ProblemResolver.last(problems);
        }

        @Bean
        @ConditionalOnBooleanProperty(name = "spring.mvc.problemdetails.enabled")
        @ConditionalOnMissingBean(ResponseEntityExceptionHandler.class)
        RequestProblems requestProblems() {
            return new RequestProblems();
        }
    }

    /** Only where the server is Tomcat. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({ConfigurableTomcatWebServerFactory.class, ErrorReportValve.class})
    @ConditionalOnBooleanProperty(name = "anabranch.web.problems", matchIfMissing = true)
    static class OnTomcat {
        @Bean
        WebServerFactoryCustomizer<ConfigurableTomcatWebServerFactory> tomcatProblems() {
            return factory -> factory.addContextCustomizers(
                    context -> context.getParent().getPipeline().addValve(new ProblemReportValve()));
        }
    }

    /** Who names the tenant, and who must agree. */
    record Sources(TenantResolver resolver, List<TenantResolver> witnesses, Optional<String> variable) {}
}
