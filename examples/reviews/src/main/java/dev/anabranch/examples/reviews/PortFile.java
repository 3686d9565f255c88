// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.reviews;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** Writes the port into the file that the variable PORT_FILE names, once requests are answered on it. */
@Component
class PortFile {
    private final String file;

    PortFile(@Value("${PORT_FILE:}") String file) {
        this.file = file;
    }

    @EventListener
    void write(ApplicationReadyEvent ready) throws IOException {
        if (file.isBlank()
                || !(ready.getApplicationContext() instanceof WebServerApplicationContext web)
                || web.getWebServer() == null) {
            return;
        }
        // Moved into place, so that nobody reads half a number.
        Path target = Path.of(file).toAbsolutePath();
        Path written = Files.writeString(
                target.resolveSibling(target.getFileName() + ".new"),
                web.getWebServer().getPort() + "\n");
        Files.move(written, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
