// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code migrate}: each service's schema, on one database or on all of its shards. */
@Command(
        name = "migrate",
        description = "Each service's own schema, on one database or on hundreds.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "The service's group names its schema, its folder of migrations and its desired state in anabranch.yaml or in",
            "the directory. Each database's own history, in the schema itself, tells where it stands.",
            "",
            "Examples:",
            "  anabranch migrate new --service billing -m \"add plan\"    the next file, from entities or schema.sql",
            "  anabranch migrate lint --service billing                   what is unsafe in it, and the safe way",
            "  anabranch migrate plan --service billing                   which files go where; it has an id",
            "  anabranch migrate apply --service billing --plan ID        a canary, then waves",
            "  anabranch migrate status                                   where each database stands",
            "  anabranch migrate drift --service billing                  what is not as its history says"
        })
final class MigrateCommand {
    private MigrateCommand() {}

    /** The command with all that is beneath it. */
    static CommandLine of(Session session) {
        return new CommandLine(new MigrateCommand())
                .addSubcommand(new MigrateNewCommand(session))
                .addSubcommand(new MigrateLintCommand(session))
                .addSubcommand(new MigratePlanCommand(session))
                .addSubcommand(new MigrateApplyCommand(session))
                .addSubcommand(new MigrateStatusCommand(session))
                .addSubcommand(new MigrateDriftCommand(session))
                .addSubcommand(new MigrateCheckCommand(session));
    }
}
