// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code migrate plan}: which files would go where, and in which order. */
@Command(
        name = "plan",
        description = "Which files would be applied where, and in which order. It changes nothing.",
        footer = {
            "",
            "Exits with 1 if a database cannot be asked, with 3 if apply would refuse.",
            "The plan's id stands for the files, the databases and the waves: 'migrate apply --plan ID' refuses to do",
            "anything else. How far a run came does not change it, so that a run that broke off goes on under its id.",
            "",
            "Examples:",
            "  anabranch migrate plan --service billing",
            "  anabranch migrate plan --service people --canary shard-7 --waves 5,20%% --per-server 2"
        })
final class MigratePlanCommand implements Callable<Integer> {
    private final Session session;

    @Mixin MigrateRun run = new MigrateRun();

    MigratePlanCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        var prepared = run.prepare(session);
        session.print(MigrateRun.json(prepared), MigrateRun.table(prepared));
        session.terminal().say("Plan " + prepared.plan().id() + ": " + prepared.behind() + " of "
                + prepared.standings().size() + " databases are not at V" + prepared.plan().set().head() + ".");
        return MigrateStatusCommand.exitCode(prepared.planned(), false).status();
    }
}
