// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** What may be said before or after every command. */
final class GlobalOptions {
    @Option(
            names = "--endpoint",
            paramLabel = "URL",
            scope = ScopeType.INHERIT,
            description = {
                "Where the directory is.",
                "Else SHARDING_API_ENDPOINT or ANABRANCH_ENDPOINT, else http://127.0.0.1:8400"
            })
    @Nullable String endpoint;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = {
                "The file with this caller's token.",
                "Else ANABRANCH_TOKEN or ANABRANCH_TOKEN_FILE, and for a directory on this machine ~/.anabranch/admin.token"
            })
    @Nullable Path tokenFile;

    @Option(
            names = "--insecure-http",
            scope = ScopeType.INHERIT,
            description = {
                "Send the token over plain http to another machine, where everybody on the way can read it.",
                "Else ANABRANCH_INSECURE_HTTP=true"
            })
    boolean insecureHttp;

    @Option(names = "--json", scope = ScopeType.INHERIT, description = "One JSON document on standard output.")
    boolean json;

    @Option(
            names = {"-y", "--yes"},
            scope = ScopeType.INHERIT,
            description = "Apply the plan without asking.")
    boolean yes;

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            scope = ScopeType.INHERIT,
            description = "Why, for the directory's audit.")
    @Nullable String reason;

    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "Show the stack trace of a failure.")
    boolean debug;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this text.")
    boolean help;
}
