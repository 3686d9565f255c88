// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The statements of a migration and which has to come before which; their phases follow from that.
 *
 * <p>What is taken away waits for the last phase unless something made before needs it gone. What is made runs in the first
 * phase, or, where it needs something that is there only later, in the last: the middle one is for statements that
 * stand alone.
 */
final class Plan {
    /** When an action wants to run. */
    enum Mode {
        /** In the first phase. */
        MAKE,
        /** Outside of a transaction. */
        ONLINE,
        /** In the last phase. */
        FINISH,
        /** As late as it can. */
        DROP
    }

    /** One statement to be. */
    static final class Action {
        private final int number;
        private final Mode mode;
        private final ObjectId about;
        private final Function<Phase, String> sql;
        private @Nullable String lost;
        private @Nullable String question;
        private Phase phase;
        private int rank;
        private final Set<Action> after = new LinkedHashSet<>();
        private final Set<Action> afterCommit = new LinkedHashSet<>();
        private final Set<Action> afterIfPossible = new LinkedHashSet<>();

        private Action(int number, Mode mode, ObjectId about, Function<Phase, String> sql) {
            this.number = number;
            this.mode = mode;
            this.about = about;
            this.sql = sql;
            this.rank = 10;
            this.phase = switch (mode) {
                case MAKE -> Phase.EXPAND;
                case ONLINE -> Phase.ONLINE;
                case FINISH, DROP -> Phase.CONTRACT;
            };
        }

        /** What is lost by it, as a part of a sentence. */
        Action losing(@Nullable String what) {
            lost = what;
            return this;
        }

        /** What a person should look at before it runs. */
        Action asking(@Nullable String what) {
            question = what;
            return this;
        }

        /** Before others that could run as well. */
        Action first() {
            rank = 0;
            return this;
        }

        ObjectId about() {
            return about;
        }

        Mode mode() {
            return mode;
        }

        String text() {
            return sql.apply(phase);
        }

        private int rank() {
            return mode != Mode.DROP ? rank : phase == Phase.EXPAND ? 5 : 40;
        }

        @Override
        public String toString() {
            return text();
        }
    }

    private static final Comparator<Action> FIRST = Comparator.comparing((Action a) -> a.phase)
            .thenComparing(Action::rank)
            .thenComparing(Action::about)
            .thenComparing(a -> a.number);

    private final List<Action> actions = new ArrayList<>();
    private final Map<ObjectId, Action> drops = new TreeMap<>();
    private final Map<ObjectId, List<Action>> makes = new TreeMap<>();
    private final Map<ObjectId, List<Action>> alters = new TreeMap<>();

    private final Map<String, Action> identities = new TreeMap<>();
    private final Map<ObjectId, Action> nulls = new TreeMap<>();
    private final Map<ObjectId, Action> allowances = new TreeMap<>();
    private final Map<ObjectId, List<Action>> changes = new TreeMap<>();
    private final Map<ObjectId, Action> oldRenames = new TreeMap<>();
    private final List<NewValue> newValues = new ArrayList<>();

    private record NewValue(String type, String value, Action action) {
        /** Whether the statement uses the value: as text alone it says nothing. */
        boolean isUsedBy(String sql) {
            return sql.contains(Names.literal(value)) && Identifiers.words(sql).contains(type);
        }
    }

    Action add(Mode mode, ObjectId about, String sql) {
        return add(mode, about, phase -> sql);
    }

    /** Adds a statement that is another in another phase. */
    Action add(Mode mode, ObjectId about, Function<Phase, String> sql) {
        Action action = new Action(actions.size(), mode, about, sql);
        actions.add(action);
        return action;
    }

    List<Action> actions() {
        return List.copyOf(actions);
    }

    /** By this the object of the old side goes. */
    Action drops(ObjectId id, Action action) {
        drops.put(id, action);
        return action;
    }

    /** By these, in this order, the object of the new side is made; with the last it is there. */
    void makes(ObjectId id, Action... chain) {
        makes.put(id, List.of(chain));
        for (int n = 1; n < chain.length; n++) {
            before(chain[n - 1], chain[n]);
        }
    }

    /** By this an object that stays is changed so that what hangs on it has to be gone before, and made after. */
    Action alters(ObjectId id, Action action) {
        alters.computeIfAbsent(id, any -> new ArrayList<>()).add(action);
        return action;
    }

    /** By this the table's replica identity is set. */
    void identity(String table, Action action) {
        identities.put(table, action);
    }

    @Nullable Action identity(String table) {
        return identities.get(table);
    }

    /** By this the column of the new side takes no more nulls. */
    void forbidsNull(ObjectId column, Action action) {
        nulls.put(column, action);
    }

    /** By this the column of the new side takes nulls again. */
    void allowsNull(ObjectId column, Action action) {
        allowances.put(column, action);
    }

    Map<ObjectId, Action> allowances() {
        return allowances;
    }

    @Nullable Action forbidsNull(ObjectId column) {
        return nulls.get(column);
    }

    /** By this an object that stays is changed; what hangs on it may be there meanwhile. */
    Action changes(ObjectId id, Action action) {
        changes.computeIfAbsent(id, any -> new ArrayList<>()).add(action);
        return action;
    }

    /** By this an object of the old side that goes later gets another name, so that its successor can have this one. */
    void renamesOld(ObjectId id, Action action) {
        oldRenames.put(id, action);
    }

    @Nullable Action renameOfOld(ObjectId id) {
        return oldRenames.get(id);
    }

    /** By this an enum gets a value, which can be used once that is committed. */
    void newValue(String type, String value, Action action) {
        newValues.add(new NewValue(type, value, action));
    }

    List<Action> madeOrChanged(ObjectId id) {
        List<Action> all = new ArrayList<>(made(id));
        all.addAll(altered(id));
        all.addAll(changes.getOrDefault(id, List.of()));
        return all;
    }

    @Nullable Action drop(ObjectId id) {
        return drops.get(id);
    }

    List<Action> made(ObjectId id) {
        return makes.getOrDefault(id, List.of());
    }

    List<Action> altered(ObjectId id) {
        return alters.getOrDefault(id, List.of());
    }

    void before(Action first, Action second) {
        if (first != second) {
            second.after.add(first);
        }
    }

    /** The second needs what the first did to be committed. */
    void commitBefore(Action first, Action second) {
        second.after.add(first);
        second.afterCommit.add(first);
    }

    /** The second had better come after, but there may be no such order. */
    void beforeIfPossible(Action first, Action second) {
        if (first != second) {
            second.afterIfPossible.add(first);
        }
    }

    /** Puts everything in order by what needs what. */
    void link(Comparison comparison) {
        drops.forEach((id, action) -> {
            for (ObjectId need : Units.needs(comparison.from, id)) {
                Action gone = drops.get(need);
                if (gone != null) {
                    before(action, gone);
                }
                // What a partition has from its parent can only be dropped once it is none any more.
                boolean afterwards = Units.isInherited(comparison.from, id);
                altered(need).forEach(altered -> before(afterwards ? altered : action, afterwards ? action : altered));
            }
        });
        makes.forEach((id, chain) -> after(comparison.to, id, chain.getFirst()));
        Map<ObjectId, List<Action>> inPlace = new TreeMap<>(alters);
        changes.forEach((id, chain) -> inPlace.merge(id, chain, Plan::both));
        inPlace.forEach((id, chain) -> chain.forEach(action -> {
            ObjectId now = comparison.pair(id);
            after(comparison.to, now == null ? id : now, action);
            for (ObjectId need : Units.needs(comparison.from, id)) {
                Action gone = drops.get(need);
                if (gone != null) {
                    before(action, gone);
                }
            }
        }));
        allowances.forEach((id, action) -> {
            for (Constraint constraint : comparison.from.constraints(id.table())) {
                Action gone = drops.get(constraint.id());
                if (constraint.type() == Constraint.Type.PRIMARY_KEY && gone != null) {
                    before(gone, action);
                }
            }
            Action identity = identities.get(id.table());
            if (identity != null) {
                before(identity, action);
            }
        });
        clashes(comparison);
        for (NewValue added : newValues) {
            actions.stream()
                    .filter(action -> action.mode != Mode.DROP && action.about.kind() != Kind.TYPE)
                    .filter(action -> added.isUsedBy(action.text()))
                    .forEach(action -> commitBefore(added.action, action));
        }
    }

    private static List<Action> both(List<Action> some, List<Action> more) {
        List<Action> all = new ArrayList<>(some);
        all.addAll(more);
        return all;
    }

    /** Where a name is needed again, what had it goes first. */
    private void clashes(Comparison comparison) {
        Map<String, ObjectId> relations = new TreeMap<>();
        Map<String, ObjectId> onTables = new TreeMap<>();
        for (ObjectId id : comparison.going()) {
            SchemaObject object = comparison.from.object(id);
            if (object != null && !oldRenames.containsKey(id) && !CatalogSnapshot.isInherited(object)) {
                Set<String> names = new LinkedHashSet<>();
                ChosenNames.relation(object, names);
                names.forEach(name -> relations.put(name, id));
                String onTable = ChosenNames.onTable(object);
                if (onTable != null) {
                    onTables.put(onTable, id);
                }
            }
        }
        for (ObjectId id : comparison.coming()) {
            List<Action> chain = made(id);
            if (chain.isEmpty()) {
                continue;
            }
            // A constraint that takes over an index has its own name only at the end.
            boolean takesOver = id.kind() == Kind.CONSTRAINT && chain.size() > 1;
            Action needs = takesOver ? chain.getLast() : chain.getFirst();
            Action same = oldRenames.containsKey(id) ? null : drops.get(id);
            if (same != null) {
                before(same, needs);
            }
            SchemaObject object = comparison.to.object(id);
            if (object != null && id.kind() != Kind.COLUMN) {
                Set<String> names = new LinkedHashSet<>();
                ChosenNames.relation(object, names);
                names.forEach(name -> afterDrop(relations.get(name), needs));
                String onTable = ChosenNames.onTable(object);
                if (onTable != null) {
                    afterDrop(onTables.get(onTable), needs);
                }
            }
        }
    }

    private void afterDrop(@Nullable ObjectId id, Action action) {
        Action gone = id == null ? null : drops.get(id);
        if (gone != null) {
            before(gone, action);
        }
    }

    private void after(CatalogSnapshot side, ObjectId id, Action action) {
        for (ObjectId need : Units.needs(side, id)) {
            List<Action> chain = made(need);
            if (!chain.isEmpty()) {
                before(chain.getLast(), action);
            }
            // What a partition is to have from its parent it must have before it becomes one.
            boolean before = Units.isInherited(side, id) && need.kind() == Kind.TABLE;
            altered(need).forEach(altered -> before(before ? action : altered, before ? altered : action));
            changes.getOrDefault(need, List.of()).forEach(changed -> before(changed, action));
        }
    }

    /** The steps in their order. */
    List<Step> steps() {
        settlePhases();
        return sorted().stream()
                .map(action -> new Step(
                        action.phase, action.about.toString(), action.text(), action.lost, action.question))
                .toList();
    }

    private void settlePhases() {
        boolean more = true;
        while (more) {
            more = false;
            for (Action action : actions) {
                if (action.mode != Mode.DROP) {
                    for (Action first : action.after) {
                        more |= first.mode != Mode.DROP && push(action, first);
                    }
                }
            }
        }
        pullDrops();
        more = true;
        while (more) {
            more = false;
            for (Action action : actions) {
                for (Action first : action.after) {
                    more |= push(action, first);
                }
            }
        }
    }

    private static boolean push(Action action, Action first) {
        Phase least = first.phase;
        if (action.afterCommit.contains(first) && least == Phase.EXPAND) {
            least = Phase.ONLINE;
        }
        if (action.phase.compareTo(least) >= 0) {
            return false;
        }
        action.phase = least == Phase.ONLINE && action.mode == Mode.ONLINE ? Phase.ONLINE : Phase.CONTRACT;
        return true;
    }

    private void pullDrops() {
        boolean more = true;
        while (more) {
            more = false;
            for (Action action : actions) {
                for (Action first : action.after) {
                    if (first.mode == Mode.DROP && first.phase.compareTo(action.phase) > 0) {
                        boolean online = action.phase == Phase.ONLINE && first.about.kind() == Kind.INDEX;
                        first.phase = action.phase == Phase.CONTRACT || online ? action.phase : Phase.EXPAND;
                        more = true;
                    }
                }
            }
        }
    }

    private List<Action> sorted() {
        Map<Action, Integer> waits = new HashMap<>();
        Map<Action, List<Action>> next = new HashMap<>();
        Map<Action, Set<Action>> open = new HashMap<>();
        for (Action action : actions) {
            Set<Action> all = new LinkedHashSet<>(action.after);
            for (Action wished : action.afterIfPossible) {
                if (wished.phase.compareTo(action.phase) <= 0) {
                    all.add(wished);
                }
            }
            open.put(action, all);
            waits.put(action, all.size());
            all.forEach(first -> next.computeIfAbsent(first, a -> new ArrayList<>()).add(action));
        }
        PriorityQueue<Action> ready = new PriorityQueue<>(FIRST);
        actions.stream().filter(action -> waits.getOrDefault(action, 0) == 0).forEach(ready::add);
        List<Action> order = new ArrayList<>();
        Set<Action> done = new LinkedHashSet<>();
        while (order.size() < actions.size()) {
            Action action = ready.poll();
            if (action == null) {
                action = withoutWishes(done, open);
            }
            if (!done.add(action)) {
                continue;
            }
            order.add(action);
            for (Action waiting : next.getOrDefault(action, List.of())) {
                if (waits.merge(waiting, -1, Integer::sum) == 0 && !done.contains(waiting)) {
                    ready.add(waiting);
                }
            }
        }
        return order;
    }

    /** The first action that only waits for what would have been better before it. */
    private Action withoutWishes(Set<Action> done, Map<Action, Set<Action>> open) {
        return actions.stream()
                .filter(action -> !done.contains(action) && done.containsAll(action.after))
                .min(FIRST)
                .orElseThrow(() -> new IllegalStateException("No order for: "
                        + open.keySet().stream()
                                .filter(action -> !done.contains(action))
                                .map(Action::text)
                                .sorted()
                                .collect(Collectors.joining("; "))));
    }
}
