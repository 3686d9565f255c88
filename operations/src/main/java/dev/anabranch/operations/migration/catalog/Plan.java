// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
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
        final int number;
        final Mode mode;
        final ObjectId about;
        final Function<Phase, String> sql;
        @Nullable String lost;
        @Nullable String question;
        Phase phase;
        int rank;
        final Set<Action> after = new LinkedHashSet<>();
        final Set<Action> afterCommit = new LinkedHashSet<>();
        final Set<Action> afterIfPossible = new LinkedHashSet<>();

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

        int rank() {
            return mode != Mode.DROP ? rank : phase == Phase.EXPAND ? 5 : 40;
        }

        @Override
        public String toString() {
            return text();
        }
    }

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

    /**
     * A value that an enum gets.
     *
     * @param type the enum's name
     * @param value the value
     * @param action the statement
     */
    record NewValue(String type, String value, Action action) {
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

    /** The steps in their order. */
    List<Step> steps(Comparison comparison) {
        new PlanLinks(this, comparison).link();
        return new PlanOrder(actions, new UnsafeSteps(comparison, actions)).steps();
    }

    Map<ObjectId, Action> drops() {
        return drops;
    }

    Map<ObjectId, List<Action>> makes() {
        return makes;
    }

    Map<ObjectId, List<Action>> alters() {
        return alters;
    }

    Map<ObjectId, List<Action>> changes() {
        return changes;
    }

    List<NewValue> newValues() {
        return newValues;
    }
}
