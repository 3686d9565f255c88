// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring;

import java.util.List;
import java.util.Map;
import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypes;

/** Applications of some classes each, over a database that nobody listens at. */
public final class Contexts {
    private static final Map<String, Object> NOWHERE = Map.of(
            "anabranch.mode", "standalone",
            "anabranch.host", "127.0.0.1",
            "anabranch.port", "1",
            "anabranch.user", "nobody",
            "anabranch.password", "hunter2",
            "anabranch.database", "none");

    private Contexts() {}

    /** An application with this entity and no web server. */
    public static ConfigurableApplicationContext withEntities(Class<?> entity, String... properties) {
        return withEntities(List.of(entity), properties);
    }

    /** An application with these entities and no web server. */
    public static ConfigurableApplicationContext withEntities(List<Class<?>> entities, String... properties) {
        String[] names = entities.stream().map(Class::getName).toArray(String[]::new);
        return start(new SpringApplicationBuilder(Application.class)
                .initializers(context -> context.getBeanFactory()
                        .registerSingleton("managed", PersistenceManagedTypes.of(names))), properties);
    }

    /** An application without a web server. */
    public static ConfigurableApplicationContext start(SpringApplicationBuilder builder, String... properties) {
        String[] arguments = new String[properties.length + 1];
        for (int i = 0; i < properties.length; i++) {
            arguments[i] = "--" + properties[i];
        }
        arguments[properties.length] = "--spring.main.web-application-type=none";
        return builder.properties(NOWHERE).run(arguments);
    }

    /** Boot with all that is on the class path. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @AutoConfigurationPackage(basePackages = "dev.anabranch.spring.nothing")
    public static class Application {}
}
