// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.web;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.tenant.TenantContext;
import dev.anabranch.tenant.TenantId;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import java.net.SocketException;
import java.sql.SQLNonTransientConnectionException;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/** Controllers for what a request can meet. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@AutoConfigurationPackage(basePackages = "dev.anabranch.spring.nothing")
@EnableAsync
class WebApplication {
    @Bean
    Later later() {
        return new Later();
    }

    /** Comes after the tenant's filter. */
    @Bean
    @Order(Ordered.LOWEST_PRECEDENCE)
    Filter failing() {
        return (request, response, chain) -> {
            if (((HttpServletRequest) request).getRequestURI().contains("filter-fails")) {
                throw new AnabranchException(ErrorCode.DATABASE_UNAVAILABLE, "Host db7 is down", "Start db7");
            }
            chain.doFilter(request, response);
        };
    }

    static String bound() {
        return TenantContext.current().map(Object::toString).orElse("nobody");
    }

    /** Works on another thread. */
    static class Later {
        @Async
        CompletableFuture<String> bound() {
            return CompletableFuture.completedFuture(WebApplication.bound());
        }
    }

    /** An application's own handlers, one of which would swallow everything. */
    @RestControllerAdvice
    static class Handlers {
        @ExceptionHandler(UnsupportedOperationException.class)
        String handled() {
            return "handled by the application";
        }

        @ExceptionHandler(DataAccessResourceFailureException.class)
        String swallowed() {
            return "swallowed";
        }
    }

    @RestController
    static class Controllers {
        private final JdbcClient jdbc;
        private final Later later;

        Controllers(JdbcClient jdbc, Later later) {
            this.jdbc = jdbc;
            this.later = later;
        }

        @GetMapping({"/who/{tenant}", "/other/{tenant}", "/free", "/needs"})
        String who() {
            return bound();
        }

        @GetMapping("/two/{thing}/of/{tenant}")
        String two(@PathVariable String thing) {
            return thing + " of " + bound();
        }

        @GetMapping("/async")
        Callable<String> async() {
            return WebApplication::bound;
        }

        @GetMapping("/future")
        CompletableFuture<String> future() {
            return later.bound().thenApply(found -> found);
        }

        @PostMapping("/jdbc")
        @Transactional
        int jdbc(HttpServletRequest request) {
            jdbc.sql("insert into note (customer_id, text) values (?, 'x')")
                    .params(bound())
                    .update();
            if (Optional.ofNullable(request.getParameter("fail")).isPresent()) {
                throw new IllegalStateException("select password from secrets");
            }
            return jdbc.sql("select count(*) from note where customer_id = ?")
                    .params(bound())
                    .query(Integer.class)
                    .single();
        }

        @GetMapping("/free/sql")
        int sql() {
            return jdbc.sql("select 1").query(Integer.class).single();
        }

        @GetMapping("/wrapped")
        String wrapped() {
            throw new TransactionSystemException(
                    "could not commit",
                    new IllegalStateException(new DataAccessResourceFailureException(
                            "no", new AnabranchException(ErrorCode.DIRECTORY_UNAVAILABLE, "At http://dir", "Start it"))));
        }

        /** Goes to the database from a thread that the tenant was not handed to. */
        @GetMapping({"/lost", "/free/lost"})
        String lost() throws InterruptedException {
            try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
                return executor.submit(() -> String.valueOf(sql())).get();
            } catch (ExecutionException e) {
                throw new IllegalStateException(e.getCause());
            }
        }

        /** Leaves its connection to another tenant. */
        @GetMapping("/mixed")
        @Transactional
        int mixed() {
            sql();
            return TenantContext.callInstead(new TenantId("secret-neighbour"), this::sql);
        }

        @GetMapping("/unlisted")
        String unlisted() {
            throw new AnabranchException(
                    ErrorCode.TENANT_UNKNOWN, "Revision 9 has no 'x' in 'people'", "Call 'anabranch tenant place'");
        }

        /** The library's own finding, or a driver's. */
        @GetMapping("/outcome/{whose}")
        String outcome(@PathVariable String whose) {
            Exception cause = whose.equals("library")
                    ? new AnabranchException(ErrorCode.OUTCOME_UNKNOWN, "Broke on db7", "Look")
                    : new SocketException("reset");
            throw new TransactionSystemException(
                    "could not commit", new SQLNonTransientConnectionException("broke in commit", "08007", cause));
        }

        @GetMapping("/swallow")
        String swallow() {
            throw new DataAccessResourceFailureException(
                    "no", new AnabranchException(ErrorCode.DATABASE_UNAVAILABLE, "Host db7 is down", "Start db7"));
        }

        @GetMapping("/own")
        String own() {
            throw new UnsupportedOperationException();
        }
    }
}
