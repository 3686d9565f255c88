// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.cli.terminal.Table;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;

/** {@code status}: how the directory is. */
@Command(
        name = "status",
        description = "How the directory is: its revision, and what it holds.",
        footer = {"", "Examples:", "  anabranch status", "  anabranch status --endpoint https://directory:8400 --token-file my.token --json"})
final class StatusCommand implements Callable<Integer> {
    private final Session session;

    StatusCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        var directory = session.directory();
        var answer = directory.get("/v1/status");
        var table = new Table("what", "value").row("endpoint", directory.endpoint());
        add(table, "", answer);
        session.print(answer, table);
        return 0;
    }

    private static void add(Table table, String prefix, JsonNode node) {
        node.forEachEntry((name, value) -> {
            if (value.isObject()) {
                add(table, prefix + name + ".", value);
            } else {
                table.row(prefix + name, Answers.text(node, name));
            }
        });
    }
}
