// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli.process;

import dev.anabranch.cli.terminal.CliFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The executable jars that run as processes of their own. */
public enum ServiceJar {
    /** The service that knows where each tenant lives. */
    DIRECTORY("directory", "directory/target", "anabranch-directory-", "ANABRANCH_DIRECTORY_JAR"),
    /** The example service with a person for each request. */
    PEOPLE("people service", "examples/people/target", "anabranch-example-people-", "ANABRANCH_PEOPLE_JAR"),
    /** The example service that knows accounts. */
    AUTH("auth service", "examples/auth/target", "anabranch-example-auth-", "ANABRANCH_AUTH_JAR"),
    /** The example service that knows plans and invoices, on the same database. */
    BILLING("billing service", "examples/billing/target", "anabranch-example-billing-", "ANABRANCH_BILLING_JAR"),
    /** The example service with products, and reviews on replicas. */
    REVIEWS("reviews service", "examples/reviews/target", "anabranch-example-reviews-", "ANABRANCH_REVIEWS_JAR");

    private static final String SUFFIX = "-exec.jar";

    private final String title;
    private final String folder;
    private final String prefix;
    private final String variable;

    ServiceJar(String title, String folder, String prefix, String variable) {
        this.title = title;
        this.folder = folder;
        this.prefix = prefix;
        this.variable = variable;
    }

    /** What messages call it. */
    public String title() {
        return title;
    }

    /** The file: named by a variable, or built in the repository that the launcher belongs to. */
    public Path locate(Map<String, String> environment) {
        var named = environment.get(variable);
        if (named != null && !named.isBlank()) {
            return existing(Path.of(named)).orElseThrow(() ->
                    CliFailure.failed(variable + " names " + named + ", which is not there", "Correct it or unset it", null));
        }
        var home = Path.of(System.getProperty("anabranch.home", ""));
        return inFolder(home.resolve(folder)).orElseThrow(() -> CliFailure.failed(
                "The jar of the " + title + " is not in " + home.resolve(folder).toAbsolutePath(),
                "Start through ./anabranch, which builds it, or name it by " + variable,
                null));
    }

    /**
     * The command that runs it with the JVM that this one runs on. One that has no memory left ends, and says so, instead of
     * leaving every caller without an answer.
     *
     * @param options for the JVM
     */
    public List<String> command(Map<String, String> environment, List<String> options) {
        var command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.add("-XX:+ExitOnOutOfMemoryError");
        command.addAll(options);
        command.addAll(List.of("-jar", locate(environment).toString()));
        return command;
    }

    private static Optional<Path> existing(Path file) {
        return Files.isRegularFile(file) ? Optional.of(file) : Optional.empty();
    }

    private Optional<Path> inFolder(Path target) {
        if (!Files.isDirectory(target)) {
            return Optional.empty();
        }
        try (var files = Files.newDirectoryStream(target, prefix + "*" + SUFFIX)) {
            for (var file : files) {
                return Optional.of(file);
            }
            return Optional.empty();
        } catch (IOException e) {
            throw CliFailure.failed("The folder " + target + " cannot be read (" + e + ")", "Check who may read it", e);
        }
    }
}
