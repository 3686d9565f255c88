// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.start;

import dev.anabranch.directory.server.DirectoryProperties;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/** Tells launchers the port that was taken, once the node answers on it. */
@Component
class PortFile implements ApplicationListener<ApplicationReadyEvent> {
    private static final Logger LOG = LoggerFactory.getLogger(PortFile.class);

    private final DirectoryProperties properties;
    private final Environment environment;

    PortFile(DirectoryProperties properties, Environment environment) {
        this.properties = properties;
        this.environment = environment;
    }

    @Override
    public void onApplicationEvent(ApplicationReadyEvent event) {
        if (!(event.getApplicationContext() instanceof WebServerApplicationContext context)
                || context.getWebServer() == null) {
            return;
        }
        int port = context.getWebServer().getPort();
        LOG.info("The directory answers at http://{}:{}", environment.getProperty("server.address", "*"), port);
        Path file = properties.portFile();
        if (file == null || file.toString().isBlank()) {
            return;
        }
        Path written = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.writeString(written, port + "\n");
            Files.move(written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new StartRefused(
                    "The port's file " + file + " cannot be written (" + e.getClass().getSimpleName() + ")",
                    "Set ANABRANCH_PORT_FILE to another file");
        }
    }
}
