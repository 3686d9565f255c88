// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.reviews;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Starts the reviews service. */
@SpringBootApplication(proxyBeanMethods = false)
public class ReviewsApplication {
    /** Starts it with the {@code SHARDING_*} variables of the environment. */
    public static void main(String[] arguments) {
        SpringApplication.run(ReviewsApplication.class, arguments);
    }
}
