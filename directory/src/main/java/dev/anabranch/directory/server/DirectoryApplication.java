// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server;

import org.springframework.boot.Banner;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/** The directory's process. */
@SpringBootApplication(proxyBeanMethods = false)
@ConfigurationPropertiesScan
public class DirectoryApplication {
    /** Starts the directory; arguments are Spring properties, for example {@code --server.port=0}. */
    public static void main(String[] arguments) {
        builder().run(arguments);
    }

    /** The application before it runs, so that one process can run two nodes. */
    static SpringApplicationBuilder builder() {
        return new SpringApplicationBuilder(DirectoryApplication.class).bannerMode(Banner.Mode.OFF);
    }
}
