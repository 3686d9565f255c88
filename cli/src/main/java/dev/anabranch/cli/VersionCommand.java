// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.cli.terminal.Table;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code version}. */
@Command(name = "version", description = "Which version this is, and what it runs on.")
final class VersionCommand implements Callable<Integer> {
    private final Session session;

    VersionCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        var version = Objects.requireNonNullElse(Main.class.getPackage().getImplementationVersion(), "unbuilt");
        var java = Runtime.version().toString();
        session.print(
                Map.of("version", version, "java", java), new Table("anabranch", "java").row(version, java));
        return 0;
    }
}
