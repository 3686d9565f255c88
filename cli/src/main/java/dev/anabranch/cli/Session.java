// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.cli.client.Change;
import dev.anabranch.cli.client.DirectoryClient;
import dev.anabranch.cli.client.Outcome;
import dev.anabranch.cli.client.Refusal;
import dev.anabranch.cli.terminal.CliFailure;
import dev.anabranch.cli.terminal.ExitCode;
import dev.anabranch.cli.terminal.Table;
import dev.anabranch.cli.terminal.Terminal;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** One run of the command line: its options, its terminal and its directory. */
final class Session {
    private static final String DEFAULT_ENDPOINT = "http://127.0.0.1:8400";
    private static final int ATTEMPTS = 3;

    private final Terminal terminal;
    private final GlobalOptions options;
    private boolean printed;

    Session(Terminal terminal, GlobalOptions options) {
        this.terminal = terminal;
        this.options = options;
    }

    Terminal terminal() {
        return terminal;
    }

    GlobalOptions options() {
        return options;
    }

    /** The directory that the options or the environment name, which another machine's needs a token for. */
    DirectoryClient directory() {
        var endpoint = endpoint();
        var token = token();
        if (token.isEmpty() && !isLocal(endpoint)) {
            throw new CliFailure(
                    ExitCode.NOT_ALLOWED,
                    "No token is named for the directory at " + endpoint,
                    "Name one by --token-file, ANABRANCH_TOKEN_FILE or ANABRANCH_TOKEN: " + adminTokenFile()
                            + " is for a directory on this machine alone");
        }
        return new DirectoryClient(endpoint, token.orElse(null));
    }

    URI endpoint() {
        var text = Optional.ofNullable(options.endpoint)
                .or(() -> terminal.variable("SHARDING_API_ENDPOINT"))
                .or(() -> terminal.variable("ANABRANCH_ENDPOINT"))
                .orElse(DEFAULT_ENDPOINT);
        try {
            var uri = URI.create(text);
            if (uri.getHost() != null && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // said below
        }
        throw CliFailure.usage(
                "The endpoint '" + text + "' is no URL of a directory", "Write it like " + DEFAULT_ENDPOINT);
    }

    /** The file where an administrator's token is, unless told otherwise. */
    static Path adminTokenFile() {
        return folder().resolve("admin.token");
    }

    /** The folder for what this user keeps. */
    static Path folder() {
        return Path.of(System.getProperty("user.home"), ".anabranch");
    }

    /**
     * The token that the options or the environment name, or for a directory on this machine its administrator's.
     *
     * @throws CliFailure where it would go to another machine unencrypted
     */
    Optional<String> token() {
        var token = namedToken();
        token.ifPresent(secret -> requireEncryption(endpoint()));
        return token;
    }

    /** Refuses to send a token to another machine over plain http, unless told to. */
    void requireEncryption(URI endpoint) {
        boolean allowed = options.insecureHttp
                || terminal.variable("ANABRANCH_INSECURE_HTTP").filter("true"::equalsIgnoreCase).isPresent();
        if ("http".equals(endpoint.getScheme()) && !isLocal(endpoint) && !allowed) {
            throw CliFailure.usage(
                    "The token would go to " + endpoint + " unencrypted, for everybody on the way to read",
                    "Use https, or say --insecure-http (ANABRANCH_INSECURE_HTTP=true) where the network is trusted");
        }
    }

    /** By the address as it is written: what a name leads to, somebody else may decide. */
    private static boolean isLocal(URI endpoint) {
        return endpoint.getHost().matches("(?i)localhost|127(\\.[0-9]{1,3}){3}|\\[::1]|\\[0:0:0:0:0:0:0:1]");
    }

    private Optional<String> namedToken() {
        if (options.tokenFile == null) {
            var named = terminal.variable("ANABRANCH_TOKEN");
            if (named.isPresent()) {
                return named;
            }
        }
        var file = Optional.ofNullable(options.tokenFile)
                .or(() -> terminal.variable("ANABRANCH_TOKEN_FILE").map(Path::of));
        if (file.isEmpty() && (!isLocal(endpoint()) || !Files.exists(adminTokenFile()))) {
            return Optional.empty();
        }
        return Optional.of(readLine(file.orElseGet(Session::adminTokenFile), "token"));
    }

    /** The first line of a file that holds a secret. */
    static String readLine(Path file, String what) {
        try {
            return Files.readString(file).lines().map(String::strip).filter(line -> !line.isEmpty()).findFirst()
                    .orElseThrow(() -> CliFailure.failed("The " + what + " file " + file + " is empty", "Fill it", null));
        } catch (IOException e) {
            throw CliFailure.failed(
                    "The " + what + " file " + file + " cannot be read (" + e.getClass().getSimpleName() + ")",
                    "Check its path and who may read it",
                    e);
        }
    }

    /** Shows the answer: as it is with {@code --json}, else as a table. */
    void print(Object json, Table table) {
        if (options.json) {
            printJson(json);
        } else {
            table.lines().forEach(terminal.out()::println);
        }
    }

    /**
     * Writes the JSON document of this run: the first that there is. A failure after it is told by the exit code and on
     * standard error, as whoever reads the output reads one document.
     */
    void printJson(Object json) {
        if (printed) {
            return;
        }
        printed = true;
        terminal.out().println(
                JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build().writeValueAsString(json));
    }

    /** The removal of one of a list; who removes what is not there has mistyped its name, and is told so. */
    Change removal(String list, String name) {
        var known = directory().find("/v1/" + list, name);
        if (known.json().isEmpty()) {
            var one = list.substring(0, list.length() - 1);
            throw CliFailure.failed(
                    "There is no " + one + " '" + name + "'", "See which there are: anabranch " + one + " list", null);
        }
        return Change.delete(Change.path(list, name)).from(known.revision());
    }

    /** Plans a change, shows the plan, and applies it if that was asked for or is agreed to. */
    ExitCode change(Change change) {
        return change(() -> change);
    }

    /**
     * As {@link #change(Change)}.
     *
     * @param change made anew from what the directory has, for each attempt: somebody else may have been there between
     */
    ExitCode change(Supplier<Change> change) {
        change(change, Delivery.of((outcome, answer) -> terminal.say("Done. Revision " + outcome.revision() + ".")));
        return ExitCode.DONE;
    }

    /** What to do with a change that is made; nothing of it is called when there was nothing to change. */
    interface Delivery {
        /** Right before the change is made; again where it is tried again. */
        default void agreed() {}

        /** Takes out of the answer what may not be printed. */
        default JsonNode received(JsonNode answer) {
            return answer;
        }

        /** Told of what was done, unless it goes out as JSON. */
        void applied(Outcome outcome, JsonNode answer);

        static Delivery of(BiConsumer<Outcome, JsonNode> applied) {
            return applied::accept;
        }
    }

    /** As {@link #change(Supplier)}, with what is to be done besides. */
    void change(Supplier<Change> proposal, Delivery delivery) {
        var directory = directory();
        for (int attempt = 1; ; attempt++) {
            var change = proposal.get();
            Outcome plan;
            try {
                plan = directory.plan(change, options.reason);
            } catch (Refusal refusal) {
                // somebody else was faster than the proposal; nobody has agreed to anything yet
                if (refusal.status() != 412 || attempt == ATTEMPTS) {
                    throw refusal;
                }
                continue;
            }
            plan.describe().forEach(line -> terminal.say(Table.printable(line)));
            if (!plan.changed()) {
                terminal.say("Nothing to change.");
                finish(plan, false, null);
                return;
            }
            requireAgreement(plan);
            delivery.agreed();
            try {
                var answer = delivery.received(
                        directory.apply(change, options.reason, OptionalLong.of(plan.revision())));
                if (!finish(plan, true, answer)) {
                    delivery.applied(Outcome.of(answer), answer);
                }
                return;
            } catch (Refusal refusal) {
                // somebody else changed something between plan and change; who said yes to any plan gets another one
                // a promotion is meant of the primary that was there: it must not follow upon another one
                boolean same = change.path().endsWith("/promote");
                if (refusal.status() != 412 || !options.yes || same || attempt == ATTEMPTS) {
                    throw refusal;
                }
            }
        }
    }

    private void requireAgreement(Outcome plan) {
        if (options.yes) {
            return;
        }
        if (!terminal.canAsk()) {
            finish(plan, false, null);
            throw CliFailure.usage("Nothing was changed: this is a plan, and nobody is there to agree to it",
                    "Pass --yes to apply it");
        }
        if (!terminal.agrees("Apply?")) {
            finish(plan, false, null);
            throw CliFailure.failed("Nothing was changed", "", null);
        }
    }

    private boolean finish(Outcome plan, boolean applied, @Nullable JsonNode answer) {
        if (options.json) {
            var document = new LinkedHashMap<String, Object>();
            document.put("applied", applied);
            document.put("plan", plan.json());
            if (answer != null) {
                document.put("result", answer);
            }
            printJson(document);
        }
        return options.json;
    }
}
