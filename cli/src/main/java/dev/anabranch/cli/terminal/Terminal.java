// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli.terminal;

import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a command reads and writes: data goes to {@link #out()}, progress and messages to {@link #err()}.
 *
 * @param out standard output: what a script reads
 * @param err standard error: what a person reads meanwhile
 * @param outIsTerminal whether a person sees standard output
 * @param errIsTerminal whether a person sees standard error
 * @param questions to a person; null where there is nobody to answer them
 * @param environment the process's environment variables
 */
public record Terminal(
        PrintStream out,
        PrintStream err,
        boolean outIsTerminal,
        boolean errIsTerminal,
        @Nullable Questions questions,
        Map<String, String> environment) {

    /** Somebody who answers; null where nothing is said. */
    public interface Questions {
        /** Asks for a line. */
        @Nullable String line(String question);

        /** Asks for a line without showing it. */
        @Nullable String secret(String question);
    }

    /** Set by the launcher, which can ask about each stream: for example {@code in,out,err,}. */
    private static final String TERMINALS = "anabranch.terminals";

    /** The terminal, pipes or files that this process was started with. */
    // null or not without a terminal: that depends on the JDK's version and on jdk.console
    @SuppressWarnings("SystemConsoleNull")
    public static Terminal ofProcess() {
        var console = System.console();
        boolean interactive = console != null && console.isTerminal();
        var told = System.getProperty(TERMINALS);
        var terminals = told == null ? List.<String>of() : List.of(told.split(",", -1));
        return new Terminal(
                // UTF-8 whatever the locale says: names of tenants are data
                new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8),
                new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
                told == null ? interactive : terminals.contains("out"),
                told == null ? interactive : terminals.contains("err"),
                console != null && interactive ? new OfConsole(console) : null,
                System.getenv());
    }

    /** Says something to the person, not to the script. */
    public void say(String message) {
        err.println(message);
    }

    /** Whether colours may be used on standard output. */
    public boolean colours() {
        return outIsTerminal && environment.getOrDefault("NO_COLOR", "").isEmpty();
    }

    /** A variable of the environment that is set and not empty. */
    public Optional<String> variable(String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
    }

    /** Whether anybody can answer a question. */
    public boolean canAsk() {
        return questions != null;
    }

    /** Asks a question that only yes agrees to; false where nobody can answer. */
    public boolean agrees(String question) {
        if (questions == null) {
            return false;
        }
        var answer = questions.line(question + " [y/N] ");
        return answer != null && List.of("y", "yes").contains(answer.strip().toLowerCase(Locale.ROOT));
    }

    /** Asks for a secret without showing it; empty where nobody can answer. */
    public Optional<String> askSecret(String question) {
        return Optional.ofNullable(questions)
                .map(person -> person.secret(question + ": "))
                .filter(secret -> !secret.isEmpty());
    }

    private record OfConsole(Console console) implements Questions {
        @Override
        public @Nullable String line(String question) {
            return console.readLine("%s", question);
        }

        @Override
        public @Nullable String secret(String question) {
            var typed = console.readPassword("%s", question);
            return typed == null ? null : new String(typed);
        }
    }
}
