// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.group;

import dev.anabranch.Anabranch;
import dev.anabranch.spring.AnabranchProperties;
import dev.anabranch.spring.CheckAtStart;
import dev.anabranch.spring.group.GroupsRegistrar.GroupBeans;
import dev.anabranch.spring.hibernate.GroupMapping;
import jakarta.persistence.EntityManagerFactory;
import java.util.HashSet;
import java.util.Set;
import javax.sql.DataSource;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.boot.jpa.EntityManagerFactoryBuilder;
import org.springframework.boot.transaction.autoconfigure.TransactionManagerCustomizers;
import org.springframework.core.env.Environment;
import org.springframework.core.io.ResourceLoader;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;
import org.springframework.orm.jpa.persistenceunit.ManagedClassNameFilter;
import org.springframework.util.ClassUtils;

/** What JPA has of each group: an entity manager factory of its entities, a transaction manager, its repositories. */
final class JpaGroups {
    private static final String REPOSITORIES =
            "org.springframework.data.jpa.repository.config.JpaRepositoryConfigExtension";

    private final GroupLayout layout;
    private final Environment environment;
    private final ResourceLoader resources;
    private final BeanFactory beans;

    JpaGroups(GroupLayout layout, Environment environment, ResourceLoader resources, BeanFactory beans) {
        this.layout = layout;
        this.environment = environment;
        this.resources = resources;
        this.beans = beans;
    }

    void register(BeanDefinitionRegistry registry) {
        registry.registerBeanDefinition(
                "anabranchGroupEntities", GroupsRegistrar.infrastructure(GroupEntities.class, this::entities));
        // Before any schema is touched, and before Hibernate, which would only know nothing of the other end.
        registry.registerBeanDefinition(
                "anabranchGroupRelations",
                GroupsRegistrar.infrastructure(
                        CheckAtStart.class, () -> anabranch -> beans.getBean(GroupEntities.class).relate(anabranch)));
        boolean repositories = ClassUtils.isPresent(REPOSITORIES, resources.getClassLoader())
                && environment.getProperty("spring.data.jpa.repositories.enabled", Boolean.class, true);
        for (String group : layout.groups()) {
            GroupBeans names = new GroupBeans(registry, group, group.equals(layout.primary()));
            names.register("EntityManagerFactory", LocalContainerEntityManagerFactoryBean.class, () -> factory(names));
            names.register("TransactionManager", JpaTransactionManager.class, () -> transactions(names));
            if (repositories) {
                JpaGroupRepositories.register(names, layout.packagesOf(group), resources, environment);
            }
        }
    }

    private GroupEntities entities() {
        return new GroupEntities(
                layout, resources, beans.getBeanProvider(ManagedClassNameFilter.class).getIfAvailable());
    }

    private LocalContainerEntityManagerFactoryBean factory(GroupBeans names) {
        Anabranch anabranch = beans.getBean(Anabranch.class);
        GroupEntities entities = beans.getBean(GroupEntities.class);
        String group = names.group();
        LocalContainerEntityManagerFactoryBean factory = beans.getBean(EntityManagerFactoryBuilder.class)
                .dataSource(names.get(beans, "DataSource", DataSource.class))
                .managedTypes(entities.managedTypes(group, anabranch))
                .persistenceUnit(group)
                .build();
        // What belongs to a global group has no tenant, whoever points to it.
        Set<String> withoutShardKey = new HashSet<>(entities.borrowedOfGlobalGroups(group, anabranch));
        withoutShardKey.addAll(beans.getBean(AnabranchProperties.class).jpa().withoutShardKey());
        GroupMapping.customize(factory.getJpaPropertyMap(), anabranch, group, withoutShardKey);
        return factory;
    }

    private JpaTransactionManager transactions(GroupBeans names) {
        JpaTransactionManager manager =
                new JpaTransactionManager(names.get(beans, "EntityManagerFactory", EntityManagerFactory.class));
        beans.getBeanProvider(TransactionManagerCustomizers.class).ifAvailable(all -> all.customize(manager));
        return manager;
    }
}
