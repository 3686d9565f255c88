// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.group;

import dev.anabranch.spring.AnabranchAutoConfiguration;
import java.util.Map;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Import;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Sets up the groups of {@code anabranch.groups} side by side. Before Boot's own, which then has nothing left to make but
 * what all groups share.
 */
@AutoConfiguration(
        before = {AnabranchAutoConfiguration.class, DataSourceAutoConfiguration.class},
        beforeName = {
            "org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration",
            "org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration",
            "org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration",
            "org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration"
        })
@ConditionalOnBooleanProperty(name = "anabranch.enabled", matchIfMissing = true)
@Conditional(GroupsAutoConfiguration.OnGroups.class)
@Import(GroupsRegistrar.class)
public final class GroupsAutoConfiguration {

    /** Whether groups are named at all. */
    static final class OnGroups extends SpringBootCondition {
        @Override
        public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
            boolean named = Binder.get(context.getEnvironment())
                    .bind("anabranch.groups", Bindable.mapOf(String.class, Object.class))
                    .orElse(Map.of())
                    .isEmpty();
            ConditionMessage.Builder message = ConditionMessage.forCondition("anabranch.groups");
            return named ? ConditionOutcome.noMatch(message.because("none is named")) : ConditionOutcome.match();
        }
    }
}
