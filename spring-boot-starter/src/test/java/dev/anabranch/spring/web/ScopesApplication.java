// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.web;

import dev.anabranch.consistency.ConsistencyContext;
import dev.anabranch.consistency.Mark;
import dev.anabranch.tenant.AudienceContext;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/** Controllers that tell what is bound, and that write in every way in which an answer can be on its way already. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@AutoConfigurationPackage(basePackages = "dev.anabranch.spring.nothing")
class ScopesApplication {
    /** Stands for Spring Security: whoever sends the header has the role. */
    @Bean
    FilterRegistrationBean<Filter> roles() {
        FilterRegistrationBean<Filter> roles = new FilterRegistrationBean<>((request, response, chain) -> chain.doFilter(
                new HttpServletRequestWrapper((HttpServletRequest) request) {
                    @Override
                    public boolean isUserInRole(String role) {
                        return role.equals(getHeader("Test-Role"));
                    }
                },
                response));
        roles.setOrder(-100);
        return roles;
    }

    /** Notes a write as the library does after a commit. */
    static void wrote(long micros) {
        ConsistencyContext.session().ifPresent(session -> session.wrote("main", new Mark(1, micros)));
    }

    /** The controllers. */
    @RestController
    static class Answers {
        private final JdbcClient jdbc;

        Answers(JdbcClient jdbc) {
            this.jdbc = jdbc;
        }

        @GetMapping({"/audience", "/public/audience"})
        public String audience() {
            return AudienceContext.current().orElse("nobody");
        }

        @GetMapping("/session")
        public String session() {
            return ConsistencyContext.mode().map(mode -> mode + " ").orElse("")
                    + ConsistencyContext.session().map(session -> new TreeMap<>(session.marks()).toString()).orElse("none");
        }

        @PostMapping("/write/{micros}")
        public String write(@PathVariable long micros) {
            wrote(micros);
            return "done";
        }

        @PostMapping("/big")
        public String big() {
            wrote(7);
            return "x".repeat(100_000);
        }

        @PostMapping("/fails")
        public String fails() {
            wrote(7);
            throw new IllegalStateException("after the write");
        }

        @PostMapping("/redirects")
        public void redirects(HttpServletResponse response) throws IOException {
            wrote(7);
            response.sendRedirect("/session");
        }

        @PostMapping("/teapot")
        public void teapot(HttpServletResponse response) throws IOException {
            wrote(7);
            response.sendError(418);
        }

        @PostMapping("/prints")
        public void prints(HttpServletResponse response) throws IOException {
            response.getWriter().print("begun ");
            wrote(7);
            response.getWriter().print("ä".repeat(20_000));
        }

        @PostMapping("/later")
        public Callable<String> later() {
            return () -> {
                wrote(7);
                return "done";
            };
        }

        @PostMapping("/streams")
        public StreamingResponseBody streams() {
            return body -> {
                body.write("begun ".getBytes(StandardCharsets.US_ASCII));
                wrote(7);
                body.flush();
            };
        }

        @PostMapping("/too-late")
        public void tooLate(HttpServletResponse response) throws IOException {
            response.getWriter().print("begun");
            response.flushBuffer();
            wrote(7);
        }

        @PostMapping("/note")
        public int add() {
            return jdbc.sql("insert into note (text) values ('x')").update();
        }

        @GetMapping("/notes")
        @Transactional(readOnly = true)
        public String count() {
            return jdbc.sql("select count(*) || ' ' || pg_is_in_recovery() from note").query(String.class).single();
        }
    }
}
