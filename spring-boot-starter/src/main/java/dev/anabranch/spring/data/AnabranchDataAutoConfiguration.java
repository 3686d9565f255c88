// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.data;

import dev.anabranch.routing.RoutingScope;
import dev.anabranch.routing.RoutingScope.About;
import java.util.Optional;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.data.repository.core.support.RepositoryFactoryBeanSupport;

/** Tells routers which entity a call of a repository is about. */
@AutoConfiguration
@ConditionalOnClass(RepositoryFactoryBeanSupport.class)
@ConditionalOnBooleanProperty(name = "anabranch.enabled", matchIfMissing = true)
public final class AnabranchDataAutoConfiguration {
    @Bean
    static BeanPostProcessor anabranchRepositoryHints() {
        return new BeanPostProcessor() {
            @Override
            public Object postProcessBeforeInitialization(Object bean, String name) {
                if (bean instanceof RepositoryFactoryBeanSupport<?, ?, ?> factory) {
                    // The first, and with it around the transaction: its first statement is what is routed.
                    factory.addRepositoryFactoryCustomizer(made -> made.addRepositoryProxyPostProcessor(
                            (proxy, repository) -> proxy.addAdvice(0, new Telling(repository.getDomainType()))));
                }
                return bean;
            }
        };
    }

    /** Tells the entity's class, and the entity where it is a call's first argument. */
    private record Telling(Class<?> entity) implements MethodInterceptor {
        @Override
        public @Nullable Object invoke(MethodInvocation call) throws Throwable {
            @Nullable Object[] arguments = call.getArguments();
            Object first = arguments.length > 0 ? arguments[0] : null;
            About about = new About(null, entity, entity.isInstance(first) ? first : null);
            return RoutingScope.<Optional<Object>, Throwable>callAbout(about, () -> Optional.ofNullable(call.proceed()))
                    .orElse(null);
        }
    }
}
