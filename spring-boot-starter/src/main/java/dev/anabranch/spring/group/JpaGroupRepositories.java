// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.group;

import dev.anabranch.spring.group.GroupsRegistrar.GroupBeans;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.context.annotation.AnnotationBeanNameGenerator;
import org.springframework.core.env.Environment;
import org.springframework.core.io.ResourceLoader;
import org.springframework.core.type.AnnotationMetadata;
import org.springframework.data.jpa.repository.config.EnableJpaRepositories;
import org.springframework.data.jpa.repository.config.JpaRepositoryConfigExtension;
import org.springframework.data.repository.config.AnnotationRepositoryConfigurationSource;
import org.springframework.data.repository.config.BootstrapMode;
import org.springframework.data.repository.config.RepositoryConfigurationDelegate;
import org.springframework.data.util.Streamable;

/** Registers the repositories of one group's packages, as {@code @EnableJpaRepositories} would with the group's beans. */
final class JpaGroupRepositories {
    private JpaGroupRepositories() {}

    static void register(GroupBeans names, List<String> packages, ResourceLoader resources, Environment environment) {
        Source source = new Source(names, packages, resources, environment, names.registry());
        new RepositoryConfigurationDelegate(source, resources, environment)
                .registerRepositoriesIn(names.registry(), new JpaRepositoryConfigExtension());
    }

    /** Its attributes are what the annotation has where nothing is said. */
    @EnableJpaRepositories
    private static final class Usual {}

    /** The annotation, as it would be written for the group. */
    private static final class Source extends AnnotationRepositoryConfigurationSource {
        private final GroupBeans names;
        private final List<String> packages;
        private final BootstrapMode mode;

        Source(
                GroupBeans names,
                List<String> packages,
                ResourceLoader resources,
                Environment environment,
                BeanDefinitionRegistry registry) {
            super(
                    AnnotationMetadata.introspect(Usual.class),
                    EnableJpaRepositories.class,
                    resources,
                    environment,
                    registry,
                    AnnotationBeanNameGenerator.INSTANCE);
            this.names = names;
            this.packages = packages;
            String configured = environment.getProperty("spring.data.jpa.repositories.bootstrap-mode", "default");
            this.mode = BootstrapMode.valueOf(configured.toUpperCase(Locale.ROOT));
        }

        @Override
        public Streamable<String> getBasePackages() {
            return Streamable.of(packages);
        }

        @Override
        public <T> Optional<T> getAttribute(String name, Class<T> type) {
            return switch (name) {
                case "entityManagerFactoryRef" -> Optional.of(type.cast(names.name("EntityManagerFactory")));
                case "transactionManagerRef" -> Optional.of(type.cast(names.name("TransactionManager")));
                default -> super.getAttribute(name, type);
            };
        }

        @Override
        public BootstrapMode getBootstrapMode() {
            return mode;
        }

        @Override
        public String getResourceDescription() {
            return "anabranch.groups." + names.group() + ".packages";
        }
    }
}
