// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring;

import java.util.Map;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * Boot's defaults where they do not fit many databases, as the property source of the lowest precedence: whatever an
 * application says wins.
 *
 * <ul>
 *   <li>{@code spring.jpa.open-in-view=false}: a session held open for the whole request is a connection held
 *   <li>{@code spring.jpa.hibernate.ddl-auto=none}: a schema is not one database's affair
 *   <li>{@code spring.sql.init.mode=never}: scripts at start would run without a tenant
 *   <li>{@code spring.mvc.problemdetails.enabled=true}: one form for all errors
 * </ul>
 */
final class AnabranchDefaults implements EnvironmentPostProcessor {
    private static final Map<String, Object> DEFAULTS = Map.of(
            "spring.jpa.open-in-view", "false",
            "spring.jpa.hibernate.ddl-auto", "none",
            "spring.sql.init.mode", "never",
            "spring.mvc.problemdetails.enabled", "true");

    @Override
    public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
        environment.getPropertySources().addLast(new MapPropertySource("anabranchDefaults", DEFAULTS));
    }
}
