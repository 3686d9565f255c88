// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli.process;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A JVM to be killed: it owns a program that writes its pid to a file and would run for ever. */
final class OwnedProgram {
    private OwnedProgram() {}

    public static void main(String[] arguments) throws InterruptedException {
        var pidFile = Path.of(arguments[0]);
        try (var program = OwnedProcess.start("program", null, Map.of("PID_FILE", pidFile.toString()), forEver())) {
            program.await();
        }
    }

    static List<String> forEver() {
        return List.of("sh", "-c", "echo $$ > \"$PID_FILE.new\" && mv \"$PID_FILE.new\" \"$PID_FILE\" && exec sleep 3600");
    }
}
