// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli.terminal;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class TableTest {
    @Test
    void alignsTextToTheLeftAndNumbersToTheRight() {
        var table = new Table("name", "rows").row("shard-1", 5).row("a", 1234);

        assertThat(table.lines()).containsExactly("NAME     ROWS", "shard-1     5", "a        1234");
    }

    @Test
    void endsNoLineWithSpaces() {
        var table = new Table("name", "region").row("a-long-name", "eu").row("b", "-");

        assertThat(table.lines()).noneMatch(line -> line.endsWith(" "));
    }

    @Test
    void letsNoIdControlTheTerminal() {
        var table = new Table("tenant").row("\033[2J\u202emoc");

        assertThat(table.lines().get(1)).isEqualTo("\\u001b[2J\\u202emoc");
    }
}
