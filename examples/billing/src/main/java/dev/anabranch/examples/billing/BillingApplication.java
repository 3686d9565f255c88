// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.billing;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Starts the billing service. */
@SpringBootApplication(proxyBeanMethods = false)
public class BillingApplication {
    /** Starts it with the {@code SHARDING_*} variables of the environment. */
    public static void main(String[] arguments) {
        SpringApplication.run(BillingApplication.class, arguments);
    }
}
