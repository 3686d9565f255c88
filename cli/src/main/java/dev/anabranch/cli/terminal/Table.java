// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli.terminal;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Rows under headings, aligned by spaces; numbers to the right. Not thread-safe. */
public final class Table {
    private static final int GAP = 2;
    private static final Pattern NUMBER = Pattern.compile("-?[0-9][0-9,.]*");

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
        var columns = IntStream.range(0, headings.size()).mapToObj(this::column).toList();
        var lines = new ArrayList<String>();
        lines.add(line(columns, headings.stream().map(h -> h.toUpperCase(Locale.ROOT)).toList()));
        rows.forEach(row -> lines.add(line(columns, row)));
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

    private record Column(int width, boolean numeric) {}

    private Column column(int index) {
        int width = length(headings.get(index));
        boolean numeric = true;
        boolean anyNumber = false;
        for (var row : rows) {
            var cell = row.get(index);
            width = Math.max(width, length(cell));
            boolean absent = cell.equals("-");
            numeric &= absent || NUMBER.matcher(cell).matches();
            anyNumber |= !absent;
        }
        return new Column(width, numeric && anyNumber);
    }

    private static String line(List<Column> columns, List<String> cells) {
        var line = new StringBuilder();
        for (int i = 0; i < cells.size(); i++) {
            var cell = cells.get(i);
            var padding = " ".repeat(columns.get(i).width() - length(cell));
            line.append(columns.get(i).numeric() ? padding + cell : cell + padding).append(" ".repeat(GAP));
        }
        return line.toString().stripTrailing();
    }

    private static int length(String cell) {
        return cell.codePointCount(0, cell.length());
    }
}
