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
 * @param console for questions; null where there is nobody to answer them
 * @param environment the process's environment variables
 */
public record Terminal(
        PrintStream out,
        PrintStream err,
        boolean outIsTerminal,
        boolean errIsTerminal,
        @Nullable Console console,
        Map<String, String> environment) {

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
                interactive ? console : null,
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
        return console != null;
    }

    /** Asks a question that only yes agrees to; false where nobody can answer. */
    public boolean agrees(String question) {
        if (console == null) {
            return false;
        }
        var answer = console.readLine("%s [y/N] ", question);
        return answer != null && List.of("y", "yes").contains(answer.strip().toLowerCase(Locale.ROOT));
    }

    /** Asks for a secret without showing it; empty where nobody can answer. */
    public Optional<String> askSecret(String question) {
        if (console == null) {
            return Optional.empty();
        }
        var answer = console.readPassword("%s: ", question);
        return Optional.ofNullable(answer).map(String::new).filter(secret -> !secret.isEmpty());
    }
}
