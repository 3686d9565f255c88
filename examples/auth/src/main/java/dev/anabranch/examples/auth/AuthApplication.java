// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.auth;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Starts the auth service. */
@SpringBootApplication(proxyBeanMethods = false)
public class AuthApplication {
    /** Starts it with the {@code SHARDING_*} variables of the environment. */
    public static void main(String[] arguments) {
        SpringApplication.run(AuthApplication.class, arguments);
    }
}
