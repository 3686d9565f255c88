// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.people;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Starts the people service. */
@SpringBootApplication(proxyBeanMethods = false)
public class PeopleApplication {
    /** Starts it with the {@code SHARDING_*} variables of the environment. */
    public static void main(String[] arguments) {
        SpringApplication.run(PeopleApplication.class, arguments);
    }
}
