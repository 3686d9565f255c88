// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.hibernate;

import dev.anabranch.Anabranch;
import dev.anabranch.spring.AnabranchAutoConfiguration;
import dev.anabranch.spring.AnabranchProperties;
import jakarta.persistence.EntityManager;
import org.hibernate.engine.spi.SessionImplementor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.hibernate.autoconfigure.HibernatePropertiesCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;

/** Lets Hibernate start without a connection, and guards the shard key of what it writes. */
@AutoConfiguration(
        after = AnabranchAutoConfiguration.class,
        beforeName = "org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration")
@ConditionalOnClass({
    LocalContainerEntityManagerFactoryBean.class,
    EntityManager.class,
    SessionImplementor.class,
    HibernatePropertiesCustomizer.class
})
@ConditionalOnBean(Anabranch.class)
public final class AnabranchHibernateAutoConfiguration {
    /** Where groups stand side by side, each factory gets its own group's. */
    @Bean
    HibernatePropertiesCustomizer anabranchHibernateProperties(
            Anabranch anabranch, AnabranchProperties properties) {
        return hibernate -> {
            if (properties.groups().isEmpty()) {
                GroupMapping.customize(
                        hibernate,
                        anabranch,
                        properties.group(),
                        properties.jpa().withoutShardKey());
            }
        };
    }
}
