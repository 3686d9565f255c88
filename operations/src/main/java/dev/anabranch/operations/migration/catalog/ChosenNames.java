// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What constraints, indexes and serial sequences are called in the end. Their names are of no matter to the comparison: one
 * that stays keeps its name, and a new one whose name such a one has gets a number.
 */
final class ChosenNames {
    private final Map<ObjectId, String> chosen = new TreeMap<>();

    /** All names that relations have on either side, and that were chosen. */
    private final Set<String> all = new TreeSet<>();

    ChosenNames(Comparison comparison) {
        Set<String> staying = new TreeSet<>();
        Set<String> stayingOnTables = new TreeSet<>();
        for (ObjectId id : comparison.staying().keySet()) {
            SchemaObject object = comparison.from.object(id);
            if (object != null) {
                relation(object, staying);
            }
            String onTable = object == null ? null : onTable(object);
            if (onTable != null) {
                stayingOnTables.add(onTable);
            }
        }
        for (CatalogSnapshot side : List.of(comparison.from, comparison.to)) {
            side.objects().forEach(object -> relation(object, all));
            side.all(Constraint.class).forEach(constraint -> all.add(constraint.name()));
        }
        comparison.staying().forEach((old, now) -> chosen.put(now, old.name()));
        for (ObjectId id : comparison.coming()) {
            if (comparison.to.object(id) instanceof Index) {
                choose(id, staying.contains(id.name()));
            } else if (comparison.to.object(id) instanceof Constraint constraint) {
                choose(id, stayingOnTables.contains(constraint.table() + " " + constraint.name())
                        || (constraint.hasIndex() && staying.contains(id.name())));
            }
        }
    }

    private void choose(ObjectId id, boolean taken) {
        chosen.put(id, taken ? free(id.name(), "") : id.name());
    }

    /** The name of a constraint or index of the new side. */
    String of(ObjectId id) {
        return chosen.getOrDefault(id, id.name());
    }

    /** A name like this one that nothing has. */
    String free(String name, String suffix) {
        String found = Names.free(name, suffix, all::contains);
        all.add(found);
        return found;
    }

    /** The table and the name of what has a name among its table's constraints; null for all else. */
    static @Nullable String onTable(SchemaObject object) {
        boolean constraint = object instanceof Constraint
                || (object instanceof Trigger trigger && trigger.definition().startsWith("CREATE CONSTRAINT TRIGGER"));
        return constraint ? object.id().table() + " " + object.id().name() : null;
    }

    /** Adds the names that the object has among tables, views, indexes and sequences. */
    static void relation(SchemaObject object, Set<String> names) {
        switch (object) {
            case Table t -> names.add(t.name());
            case View v -> names.add(v.name());
            case Index i -> names.add(i.name());
            case Sequence s -> names.add(s.name());
            case SchemaType t -> names.add(t.name());
            case Constraint c -> {
                if (c.hasIndex()) {
                    names.add(c.name());
                }
            }
            case Column c -> {
                if (c.serial() != null) {
                    names.add(c.serial().sequence());
                }
            }
            case Routine r -> {}
            case Trigger t -> {}
            case Policy p -> {}
            case Statistics s -> {}
        }
    }
}
