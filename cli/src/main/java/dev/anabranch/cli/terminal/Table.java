// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli.terminal;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Rows under headings, aligned by spaces; numbers to the right. Not thread-safe. */
public final class Table {
    private static final int GAP = 2;

    private final List<String> headings;
    private final List<List<String>> rows = new ArrayList<>();

    /** A table without rows yet. */
    public Table(String... headings) {
        this.headings = List.of(headings);
    }

    /** Adds a row, with as many cells as there are headings. */
    public Table row(Object... cells) {
        if (cells.length != headings.size()) {
            throw new IllegalArgumentException(cells.length + " cells under " + headings.size() + " headings");
        }
        var row = new ArrayList<String>();
        for (var cell : cells) {
            row.add(printable(String.valueOf(cell)));
        }
        rows.add(row);
        return this;
    }

    /** The lines, headings first, without spaces at their ends. */
    public List<String> lines() {
        var lines = new ArrayList<String>();
        lines.add(line(headings.stream().map(h -> h.toUpperCase(Locale.ROOT)).toList()));
        rows.forEach(row -> lines.add(line(row)));
        return lines;
    }

    /** What is told to a terminal must not control it: an id may hold any character that a tenant chose. */
    public static String printable(String text) {
        var safe = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT) {
                safe.append(String.format("\\u%04x", c));
            } else {
                safe.appendCodePoint(c);
            }
        });
        return safe.toString();
    }

    private String line(List<String> cells) {
        var line = new StringBuilder();
        for (int column = 0; column < cells.size(); column++) {
            var cell = cells.get(column);
            var padding = " ".repeat(width(column) - length(cell));
            line.append(isNumeric(column) ? padding + cell : cell + padding).append(" ".repeat(GAP));
        }
        return line.toString().stripTrailing();
    }

    private int width(int column) {
        int width = length(headings.get(column));
        for (var row : rows) {
            width = Math.max(width, length(row.get(column)));
        }
        return width;
    }

    private boolean isNumeric(int column) {
        return rows.stream().allMatch(row -> row.get(column).matches("-?[0-9][0-9,.]*|-"))
                && rows.stream().anyMatch(row -> !row.get(column).equals("-"));
    }

    private static int length(String cell) {
        return cell.codePointCount(0, cell.length());
    }
}
