// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.run;

import dev.anabranch.operations.migration.apply.MigrationServers;
import dev.anabranch.operations.migration.apply.MigrationSettings;
import dev.anabranch.operations.migration.apply.Target;
import dev.anabranch.operations.migration.files.MigrationSet;
import dev.anabranch.topology.Database;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A JVM of its own that runs a plan over databases of one server, and writes a line for each change of a state. */
final class RunnerProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader lines;

    private RunnerProcess(Process process) {
        this.process = process;
        this.lines = process.inputReader();
    }

    static RunnerProcess start(int port, Path folder, String schema, List<Database> databases) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                RunnerProcess.class.getName(),
                Integer.toString(port),
                folder.toString(),
                schema));
        databases.forEach(database -> command.add(database.name()));
        return new RunnerProcess(new ProcessBuilder(command)
                .redirectError(Redirect.INHERIT)
                .redirectInput(Redirect.PIPE)
                .start());
    }

    /** The next line, or null at the end. */
    String line() throws IOException {
        return lines.readLine();
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    static List<Target> targets(List<Database> databases, String schema) {
        return databases.stream().map(database -> new Target("people", database, schema)).toList();
    }

    public static void main(String[] arguments) {
        List<Database> databases = new ArrayList<>();
        for (int i = 3; i < arguments.length; i++) {
            databases.add(MigrationServers.known(Integer.parseInt(arguments[0]), arguments[i]));
        }
        MigrationPlan plan = MigrationPlan.of(
                MigrationSet.ofFolder(Path.of(arguments[1])), targets(databases, arguments[2]), RunOptions.DEFAULT);
        RunReport report = new MigrationRunner(MigrationSettings.DEFAULT)
                .run(plan, (target, state, _) -> System.out.println(target.database().name() + " " + state.id()));
        report.targets().stream().filter(entry -> entry.message() != null).forEach(System.err::println);
        System.out.println(report.isComplete() ? "complete " + plan.id() : "incomplete " + plan.id());
    }
}
