// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.desired.random;

import dev.anabranch.operations.migration.desired.random.Sketch.Column;
import dev.anabranch.operations.migration.desired.random.Sketch.EnumType;
import dev.anabranch.operations.migration.desired.random.Sketch.Function;
import dev.anabranch.operations.migration.desired.random.Sketch.Table;
import java.util.List;

/** Changes a sketch here and there, so that most of it stays. */
final class SketchChange {
    private final Draw draw;
    private final Sketch sketch;
    private final Sketcher sketcher;

    SketchChange(long seed, Sketch sketch) {
        this.draw = new Draw(seed);
        this.sketch = sketch;
        this.sketcher = new Sketcher(draw, sketch);
    }

    void apply() {
        int changes = draw.between(1, 10);
        for (int i = 0; i < changes; i++) {
            change();
            sketch.mend();
        }
    }

    private void change() {
        switch (draw.below(20)) {
            case 0 -> add();
            case 1 -> drop();
            case 2, 3, 4, 5, 6, 7, 8 -> {
                if (!sketch.tables.isEmpty()) {
                    changeColumn(draw.of(sketch.tables));
                }
            }
            case 9, 10, 11, 12, 13 -> {
                if (!sketch.tables.isEmpty()) {
                    changePart(draw.of(sketch.tables));
                }
            }
            case 14 -> changeTable();
            case 15 -> changeEnum();
            case 16 -> changeType();
            case 17 -> changeFunction();
            case 18 -> {
                if (!sketch.views.isEmpty()) {
                    sketcher.fill(draw.of(sketch.views));
                }
            }
            default -> {
                if (!sketch.sequences.isEmpty()) {
                    sketcher.fill(draw.of(sketch.sequences));
                }
            }
        }
    }

    private void add() {
        switch (draw.below(8)) {
            case 0, 1 -> sketcher.addTable();
            case 2 -> sketcher.addEnum();
            case 3 -> sketcher.addDomain();
            case 4 -> sketcher.addSequence();
            case 5 -> sketcher.addFunction();
            case 6 -> sketcher.addReadingFunction();
            default -> sketcher.addView();
        }
    }

    private void drop() {
        List<? extends List<?>> kinds = List.of(
                sketch.tables, sketch.enums, sketch.domains, sketch.sequences, sketch.functions, sketch.views);
        List<?> objects = draw.of(kinds);
        if (!objects.isEmpty()) {
            objects.remove(draw.below(objects.size()));
        }
    }

    private void changeColumn(Table table) {
        Column column = draw.of(table.columns);
        switch (draw.below(8)) {
            case 0 -> sketcher.addColumn(table);
            case 1 -> {
                if (table.columns.size() > 1 && !(table.partitionBy != null && column == table.columns.getFirst())) {
                    table.columns.remove(column);
                }
            }
            case 2 -> {
                column.type = sketcher.type();
                sketcher.fill(table, column);
            }
            case 3 -> {
                // A sibling type, so that what uses the column stays.
                List<ColumnType> siblings = ColumnType.BUILT_IN.stream()
                        .filter(type -> type.family().equals(column.type.family()))
                        .toList();
                if (!siblings.isEmpty()) {
                    column.type = draw.of(siblings);
                    column.value = column.valueNeeds == null ? null : column.value;
                }
            }
            case 4 -> column.notNull = !column.notNull;
            case 5 -> column.comment = sketcher.comment();
            default -> sketcher.fill(table, column);
        }
    }

    private void changePart(Table table) {
        if (table.parts.isEmpty() || draw.percent(50)) {
            sketcher.parts.addPart(table);
            return;
        }
        int which = draw.below(table.parts.size());
        switch (draw.below(3)) {
            case 0 -> table.parts.get(which).comment = sketcher.comment();
            case 1 -> {
                // Another of the same name, where it has one.
                var old = table.parts.remove(which);
                sketcher.parts.addPart(table);
                if (!table.parts.isEmpty() && old.name != null && table.parts.getLast().name != null) {
                    table.parts.getLast().name = old.name;
                }
            }
            default -> table.parts.remove(which);
        }
    }

    private void changeTable() {
        if (sketch.tables.isEmpty()) {
            return;
        }
        Table table = draw.of(sketch.tables);
        switch (draw.below(5)) {
            case 0 -> table.comment = sketcher.comment();
            case 3 -> table.replicatesFull = !table.replicatesFull;
            case 1 -> table.secured = !table.secured;
            case 2 -> table.forced = !table.forced;
            default -> {
                if (table.partitionBy != null) {
                    table.partitions = draw.below(5) % 4;
                }
            }
        }
    }

    private void changeEnum() {
        if (sketch.enums.isEmpty()) {
            return;
        }
        EnumType type = draw.of(sketch.enums);
        if (type.labels.size() < 5 && draw.percent(60)) {
            type.labels.add(draw.below(type.labels.size() + 1), sketcher.label(type));
        } else if (type.labels.size() > 1) {
            type.labels.remove(draw.below(type.labels.size()));
        }
    }

    private void changeType() {
        if (!sketch.domains.isEmpty()) {
            sketcher.fill(draw.of(sketch.domains));
        }
    }

    private void changeFunction() {
        if (!sketch.functions.isEmpty()) {
            Function function = draw.of(sketch.functions);
            sketcher.fill(function);
        }
    }
}
