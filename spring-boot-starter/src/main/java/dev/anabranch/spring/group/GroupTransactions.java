// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.group;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.BeanFactoryAnnotationUtils;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;
import org.springframework.transaction.interceptor.DelegatingTransactionAttribute;
import org.springframework.transaction.interceptor.TransactionAttribute;
import org.springframework.transaction.interceptor.TransactionAttributeSource;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

/**
 * Lets a {@code @Transactional} that names no transaction manager use that of the group whose packages hold the class.
 *
 * <p>What names one, by the annotation or by a {@code @Qualifier} on the class, keeps it; a class in no group's packages has
 * the primary group's.
 */
final class GroupTransactions implements BeanPostProcessor, PriorityOrdered {
    private final GroupLayout layout;

    GroupTransactions(GroupLayout layout) {
        this.layout = layout;
    }

    /** Before what makes proxies, which asks the source. */
    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE;
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String name) {
        return bean instanceof TransactionAttributeSource source && !(bean instanceof Qualified)
                ? new Qualified(source, layout)
                : bean;
    }

    /** The attributes of another source, with the group's name for a qualifier. */
    private record Qualified(TransactionAttributeSource source, GroupLayout layout) implements TransactionAttributeSource {
        @Override
        public boolean isCandidateClass(Class<?> type) {
            return source.isCandidateClass(type);
        }

        @Override
        public boolean hasTransactionAttribute(Method method, @Nullable Class<?> type) {
            return source.hasTransactionAttribute(method, type);
        }

        @Override
        public @Nullable TransactionAttribute getTransactionAttribute(Method method, @Nullable Class<?> type) {
            TransactionAttribute attribute = source.getTransactionAttribute(method, type);
            if (attribute == null || StringUtils.hasText(attribute.getQualifier())) {
                return attribute;
            }
            Class<?> owner = type == null ? method.getDeclaringClass() : ClassUtils.getUserClass(type);
            if (BeanFactoryAnnotationUtils.getQualifierValue(owner) != null) {
                return attribute;
            }
            return groupOf(owner, method).<TransactionAttribute>map(group -> new Of(attribute, group)).orElse(attribute);
        }

        private Optional<String> groupOf(Class<?> owner, Method method) {
            Optional<String> group = layout.groupOf(owner);
            if (group.isPresent() || !Proxy.isProxyClass(owner)) {
                return group;
            }
            // A repository is a proxy; what it is a proxy of is told by its interfaces.
            for (Class<?> type : owner.getInterfaces()) {
                group = layout.groupOf(type);
                if (group.isPresent()) {
                    return group;
                }
            }
            return layout.groupOf(method.getDeclaringClass());
        }
    }

    /** An attribute for one group. */
    @SuppressWarnings("serial")
    private static final class Of extends DelegatingTransactionAttribute {
        private final String group;

        Of(TransactionAttribute target, String group) {
            super(target);
            this.group = group;
        }

        @Override
        public String getQualifier() {
            return group;
        }
    }
}
