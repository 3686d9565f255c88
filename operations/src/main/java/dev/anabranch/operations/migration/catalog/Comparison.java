// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import dev.anabranch.operations.migration.catalog.SchemaType.CompositeType;
import dev.anabranch.operations.migration.catalog.SchemaType.DomainType;
import dev.anabranch.operations.migration.catalog.SchemaType.EnumType;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Two snapshots side by side: which object is which, what goes, what comes, and what has to be made again because something
 * it hangs on goes or changes its type.
 */
final class Comparison {
    final CatalogSnapshot from;
    final CatalogSnapshot to;

    /** An object on the one side to the same on the other, by name; constraints and indexes by definition. */
    private final Map<ObjectId, ObjectId> pairs = new TreeMap<>();

    private final Map<ObjectId, ObjectId> back = new TreeMap<>();
    private final Set<ObjectId> dropped = new TreeSet<>();
    private final Set<ObjectId> added = new TreeSet<>();
    private final Set<ObjectId> replaced = new TreeSet<>();
    private final Set<ObjectId> retyped = new TreeSet<>();

    Comparison(CatalogSnapshot from, CatalogSnapshot to) {
        this.from = from;
        this.to = to;
        pair();
        for (Map.Entry<ObjectId, ObjectId> pair : pairs.entrySet()) {
            compare(pair.getKey(), pair.getValue());
        }
        boolean more = true;
        while (more) {
            more = false;
            for (ObjectId id : pairs.keySet()) {
                more |= !replaced.contains(id) && follow(id);
            }
        }
    }

    /** The same object on the other side; null where it has none. */
    @Nullable ObjectId pair(ObjectId id) {
        return pairs.get(id);
    }

    Map<ObjectId, ObjectId> pairs() {
        return pairs;
    }

    /** Whether this object of the old side goes: for good, or to be made again. */
    boolean goes(ObjectId id) {
        return dropped.contains(id) || replaced.contains(id);
    }

    /** Whether this object of the new side is made, for the first time or again. */
    boolean comes(ObjectId id) {
        ObjectId old = back.get(id);
        return added.contains(id) || (old != null && replaced.contains(old));
    }

    boolean isReplaced(ObjectId id) {
        return replaced.contains(id);
    }

    boolean isRetyped(ObjectId column) {
        return retyped.contains(column);
    }

    /** All of the old side that goes, sorted. */
    List<ObjectId> going() {
        Set<ObjectId> all = new TreeSet<>(dropped);
        all.addAll(replaced);
        return List.copyOf(all);
    }

    /** All of the new side that comes, sorted. */
    List<ObjectId> coming() {
        Set<ObjectId> all = new TreeSet<>(added);
        replaced.forEach(id -> all.add(Objects.requireNonNull(pairs.get(id))));
        return List.copyOf(all);
    }

    /** All that is on both sides and stays, though perhaps changed: old to new. */
    Map<ObjectId, ObjectId> staying() {
        Map<ObjectId, ObjectId> all = new TreeMap<>(pairs);
        all.keySet().removeAll(replaced);
        return all;
    }

    private void pair() {
        byName();
        byDefinition(Constraint.class, (a, b) -> a.table().equals(b.table()) && a.validDefinition().equals(b.validDefinition()));
        byDefinition(
                Index.class,
                (a, b) -> a.table().equals(b.table())
                        && a.unique() == b.unique()
                        && a.definition().equals(b.definition())
                        && (a.valid() || !b.valid()));
        for (ObjectId id : Units.of(from)) {
            if (!pairs.containsKey(id) && !Units.isInheritedAnywhere(from, to, id)) {
                dropped.add(id);
            }
        }
        for (ObjectId id : Units.of(to)) {
            if (!back.containsKey(id) && (!Units.isInherited(to, id) || isWantedByParent(id))) {
                added.add(id);
            }
        }
    }

    /** Whether a table that becomes a partition needs it before that: a column or a check of the parent's. */
    private boolean isWantedByParent(ObjectId id) {
        Table old = from.table(id.table());
        boolean joins = old != null && old.parents().isEmpty();
        return joins
                && (id.kind() == Kind.COLUMN
                        || (to.object(id) instanceof Constraint constraint && constraint.type() == Constraint.Type.CHECK));
    }

    private void byName() {
        Set<ObjectId> names = Units.of(to);
        for (ObjectId id : Units.of(from)) {
            if (id.kind() != Kind.CONSTRAINT
                    && id.kind() != Kind.INDEX
                    && names.contains(id)
                    && !(Units.isInherited(from, id) && Units.isInherited(to, id))) {
                put(id, id);
            }
        }
    }

    private <T extends SchemaObject> void byDefinition(Class<T> type, BiPredicate<T, T> same) {
        List<T> left = new ArrayList<>(from.all(type).toList());
        List<T> right = new ArrayList<>(to.all(type).toList());
        // Those that also have the same name first, then whatever is left.
        for (boolean sameName : new boolean[] {true, false}) {
            for (Iterator<T> each = left.iterator(); each.hasNext(); ) {
                T old = each.next();
                right.stream()
                        .filter(now -> same.test(old, now) && (!sameName || old.id().equals(now.id())))
                        .findFirst()
                        .ifPresent(now -> {
                            right.remove(right.indexOf(now));
                            each.remove();
                            if (!CatalogSnapshot.isInherited(old) || !CatalogSnapshot.isInherited(now)) {
                                put(old.id(), now.id());
                            }
                        });
            }
        }
    }

    private void put(ObjectId old, ObjectId now) {
        pairs.put(old, now);
        back.put(now, old);
    }

    /** Finds out whether the object can stay, by what it is itself. */
    private void compare(ObjectId id, ObjectId other) {
        SchemaObject old = from.object(id);
        SchemaObject now = to.object(other);
        if (old == null || now == null) {
            return;
        }
        boolean anew = switch (old) {
            case Table a when now instanceof Table b -> isAnew(a, b);
            case Column a when now instanceof Column b -> isAnew(a, b);
            case Constraint a when now instanceof Constraint b -> a.isValid() && !b.isValid();
            case View a when now instanceof View b -> isAnew(a, b);
            case Routine a when now instanceof Routine b -> a.form() != b.form()
                    || !a.signature().equals(b.signature())
                    || (a.form() == Routine.Form.AGGREGATE && !a.definition().equals(b.definition()));
            case Trigger a when now instanceof Trigger b -> !a.definition().equals(b.definition());
            case Policy a when now instanceof Policy b -> !a.definition().equals(b.definition());
            case Statistics a when now instanceof Statistics b -> !a.definition().equals(b.definition())
                    || !a.table().equals(b.table());
            case EnumType a when now instanceof EnumType b -> !isSubsequence(a.values(), b.values());
            case DomainType a when now instanceof DomainType b -> !a.base().equals(b.base())
                    || !Objects.equals(a.collation(), b.collation());
            case CompositeType a when now instanceof CompositeType b -> a.attributes().entrySet().stream()
                    .anyMatch(attribute -> b.attributes().containsKey(attribute.getKey())
                            && !attribute.getValue().equals(b.attributes().get(attribute.getKey())));
            case Sequence s -> false;
            case Index i -> false;
            case Table t -> true;
            case Column c -> true;
            case Constraint c -> true;
            case View v -> true;
            case Routine r -> true;
            case Trigger t -> true;
            case Policy p -> true;
            case Statistics s -> true;
            case SchemaType t -> true;
        };
        if (anew) {
            replaced.add(id);
        } else if (old instanceof Column a
                && now instanceof Column b
                && !(a.type().equals(b.type()) && Objects.equals(a.collation(), b.collation()))) {
            retyped.add(id);
        }
    }

    private boolean isAnew(Table old, Table now) {
        // A table cannot be partitioned in another way, and a column of the key cannot change its type.
        return !Objects.equals(old.partitionKey(), now.partitionKey())
                || (!old.isPartition() && !now.isPartition() && !old.parents().equals(now.parents()))
                || (old.partitionKey() != null && from.columns(old.name()).stream().anyMatch(column -> {
                    Column then = to.column(old.name(), column.name());
                    return (then == null || !then.type().equals(column.type()))
                            && Identifiers.in(old.partitionKey()).contains(column.name());
                }));
    }

    private static boolean isAnew(Column old, Column now) {
        if (now.isGenerated()) {
            return old.generation() != now.generation()
                    || !Objects.equals(old.expression(), now.expression())
                    || !old.type().equals(now.type())
                    || !Objects.equals(old.collation(), now.collation());
        }
        return old.generation() == Column.Generation.VIRTUAL;
    }

    private static boolean isAnew(View old, View now) {
        boolean same = old.query().equals(now.query())
                && old.options().equals(now.options())
                && old.columns().equals(now.columns());
        boolean extends_ = now.columns().size() >= old.columns().size()
                && now.columns().subList(0, old.columns().size()).equals(old.columns());
        return old.materialized() != now.materialized() || (!same && (now.materialized() || !extends_));
    }

    /** Whether all of the few come in the many in the same order. */
    private static boolean isSubsequence(List<String> few, List<String> many) {
        int found = 0;
        for (String value : many) {
            if (found < few.size() && few.get(found).equals(value)) {
                found++;
            }
        }
        return found == few.size();
    }

    /** Finds out whether the object can stay, by what it hangs on; true if it was thought to and cannot. */
    private boolean follow(ObjectId id) {
        for (ObjectId need : Units.needs(from, id)) {
            boolean gone = goes(need) && !isLeft(id, need);
            if (id.kind() == Kind.COLUMN && gone && need.kind() == Kind.TYPE && !isGenerated(id)) {
                // The column's values are carried over to the new type.
                if (retyped.add(id)) {
                    return true;
                }
            } else if (gone || (isTurned(need) && cannotTurn(id, need))) {
                return replaced.add(id);
            }
        }
        return false;
    }

    /** Whether the need is the partitioned table that the table is no partition of any more. */
    private boolean isLeft(ObjectId id, ObjectId need) {
        Table now = id.kind() == Kind.TABLE ? to.table(id.name()) : null;
        Table old = id.kind() == Kind.TABLE ? from.table(id.name()) : null;
        return now != null && old != null && old.isPartition() && !now.parents().contains(need.name())
                && old.parents().contains(need.name());
    }

    private boolean isGenerated(ObjectId column) {
        return from.object(column) instanceof Column found && found.isGenerated();
    }

    private boolean isTurned(ObjectId need) {
        return retyped.contains(need)
                || (from.object(need) instanceof Table old
                        && to.object(need) instanceof Table now
                        && old.unlogged() != now.unlogged());
    }

    /** Indexes and checks PostgreSQL makes again by itself when a column's type changes. These it refuses. */
    private boolean cannotTurn(ObjectId id, ObjectId need) {
        boolean reference = from.object(id) instanceof Constraint constraint
                && constraint.type() == Constraint.Type.FOREIGN_KEY;
        if (need.kind() == Kind.TABLE) {
            return reference;
        }
        return switch (id.kind()) {
            case VIEW, POLICY, TRIGGER, DEFAULT, ROUTINE -> true;
            case COLUMN -> isGenerated(id);
            case CONSTRAINT -> reference;
            case TYPE, SEQUENCE, TABLE, INDEX, STATISTICS -> false;
        };
    }
}
