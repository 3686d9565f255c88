// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code anabranch} itself: what all commands share. */
@Command(
        name = "anabranch",
        description = "Routes a multi-tenant service from one database to many.",
        synopsisSubcommandLabel = "COMMAND",
        sortOptions = false,
        footer = {
            "",
            "Options stand before or after a command; each command has its own --help.",
            "Data goes to standard output, messages to standard error.",
            "Exit codes: 0 done, 1 failed, 2 usage, 3 drift or mismatch, 4 not allowed, 5 conflict.",
            "",
            "Examples:",
            "  anabranch demo --exit              the whole thing on this machine, counted",
            "  anabranch serve --dev              a directory to try, with a database of its own",
            "  anabranch tenant show 42           where a tenant is",
            "  anabranch explain 42               the same, as an application sees it",
            "  anabranch migrate status           where each service's schema stands"
        })
final class RootCommand {
    @Mixin GlobalOptions options = new GlobalOptions();
}
