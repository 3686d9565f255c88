// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.group;

import dev.anabranch.Anabranch;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.support.AutowireCandidateQualifier;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.jdbc.autoconfigure.JdbcProperties;
import org.springframework.boot.transaction.autoconfigure.TransactionManagerCustomizers;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.core.env.Environment;
import org.springframework.core.io.ResourceLoader;
import org.springframework.core.type.AnnotationMetadata;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.jdbc.support.SQLExceptionTranslator;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.util.ClassUtils;

/**
 * Registers the beans of each group: {@code <group>DataSource}, {@code <group>TransactionManager},
 * {@code <group>JdbcTemplate} and {@code <group>JdbcClient}, with JPA {@code <group>EntityManagerFactory} and its
 * repositories. Each has the group's name for a qualifier; those of the primary group are primary, and have Boot's own names
 * besides.
 */
final class GroupsRegistrar implements ImportBeanDefinitionRegistrar {
    private static final String[] JPA = {
        "jakarta.persistence.EntityManager",
        "org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean",
        "org.springframework.boot.hibernate.autoconfigure.HibernatePropertiesCustomizer"
    };

    private final Environment environment;
    private final ResourceLoader resources;
    private final BeanFactory beans;

    GroupsRegistrar(Environment environment, ResourceLoader resources, BeanFactory beans) {
        this.environment = environment;
        this.resources = resources;
        this.beans = beans;
    }

    @Override
    public void registerBeanDefinitions(AnnotationMetadata importing, BeanDefinitionRegistry registry) {
        GroupLayout layout = GroupLayout.of(environment);
        boolean jpa = true;
        for (String needed : JPA) {
            jpa &= ClassUtils.isPresent(needed, resources.getClassLoader());
        }
        for (String group : layout.groups()) {
            GroupBeans names = new GroupBeans(registry, group, group.equals(layout.primary()));
            names.register("DataSource", DataSource.class, () -> beans.getBean(Anabranch.class).dataSource(group));
            names.register("JdbcTemplate", JdbcTemplate.class, () -> template(names));
            names.register("JdbcClient", JdbcClient.class, () -> JdbcClient.create(names.get(beans, "JdbcTemplate", JdbcTemplate.class)));
            if (!jpa) {
                names.register("TransactionManager", JdbcTransactionManager.class, () -> transactions(names));
            }
        }
        if (jpa) {
            new JpaGroups(layout, environment, resources, beans).register(registry);
        }
        registry.registerBeanDefinition(
                "anabranchGroupTransactions",
                infrastructure(GroupTransactions.class, () -> new GroupTransactions(layout)));
    }

    private JdbcTemplate template(GroupBeans names) {
        JdbcTemplate template = new JdbcTemplate(names.get(beans, "DataSource", DataSource.class));
        JdbcProperties properties = beans.getBeanProvider(JdbcProperties.class).getIfAvailable(JdbcProperties::new);
        template.setIgnoreWarnings(properties.getTemplate().isIgnoreWarnings());
        template.setFetchSize(properties.getTemplate().getFetchSize());
        template.setMaxRows(properties.getTemplate().getMaxRows());
        if (properties.getTemplate().getQueryTimeout() != null) {
            template.setQueryTimeout((int) properties.getTemplate().getQueryTimeout().toSeconds());
        }
        template.setSkipResultsProcessing(properties.getTemplate().isSkipResultsProcessing());
        template.setSkipUndeclaredResults(properties.getTemplate().isSkipUndeclaredResults());
        template.setResultsMapCaseInsensitive(properties.getTemplate().isResultsMapCaseInsensitive());
        beans.getBeanProvider(SQLExceptionTranslator.class).ifUnique(template::setExceptionTranslator);
        return template;
    }

    private PlatformTransactionManager transactions(GroupBeans names) {
        JdbcTransactionManager manager = new JdbcTransactionManager(names.get(beans, "DataSource", DataSource.class));
        beans.getBeanProvider(SQLExceptionTranslator.class).ifUnique(manager::setExceptionTranslator);
        beans.getBeanProvider(TransactionManagerCustomizers.class).ifAvailable(all -> all.customize(manager));
        return manager;
    }

    static <T> RootBeanDefinition infrastructure(Class<T> type, Supplier<T> supplier) {
        RootBeanDefinition definition = new RootBeanDefinition(type, supplier);
        definition.setRole(BeanDefinition.ROLE_INFRASTRUCTURE);
        return definition;
    }

    /**
     * The names of one group's beans.
     *
     * @param registry where they are registered
     * @param group the group
     * @param primary whether it is the one that is meant where none is named
     */
    record GroupBeans(BeanDefinitionRegistry registry, String group, boolean primary) {
        String name(String kind) {
            return group + kind;
        }

        <T> T get(BeanFactory beans, String kind, Class<T> type) {
            return beans.getBean(name(kind), type);
        }

        <T> void register(String kind, Class<? extends T> type, Supplier<T> supplier) {
            RootBeanDefinition definition = new RootBeanDefinition();
            definition.setBeanClass(type);
            definition.setInstanceSupplier(supplier);
            definition.setPrimary(primary);
            definition.addQualifier(new AutowireCandidateQualifier(Qualifier.class, group));
            registry.registerBeanDefinition(name(kind), definition);
            String usual = Character.toLowerCase(kind.charAt(0)) + kind.substring(1);
            if (primary && !registry.isBeanNameInUse(usual)) {
                registry.registerAlias(name(kind), usual);
            }
        }
    }
}
