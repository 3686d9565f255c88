// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import dev.anabranch.operations.migration.catalog.Plan.Action;
import dev.anabranch.operations.migration.catalog.Plan.Mode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.stream.Collectors;

/** Settles the phases of a plan's statements and puts them in an order, always the same one. */
final class PlanOrder {
    private static final Comparator<Action> FIRST = Comparator.comparing((Action a) -> a.phase)
            .thenComparing(Action::rank)
            .thenComparing(Action::about)
            .thenComparing(a -> a.number);

    private final List<Action> actions;
    private final UnsafeSteps unsafe;

    PlanOrder(List<Action> actions, UnsafeSteps unsafe) {
        this.actions = actions;
        this.unsafe = unsafe;
    }

    /** The steps in their order. */
    List<Step> steps() {
        settlePhases();
        List<Step> steps = new ArrayList<>();
        Set<Action> done = new LinkedHashSet<>();
        Set<Phase> unchecked = new LinkedHashSet<>();
        for (Action action : sorted()) {
            // A body that names what comes later, as two functions that call each other do, cannot be checked yet.
            if (!done.containsAll(action.afterIfPossible) && unchecked.add(action.phase)) {
                steps.add(new Step(
                        action.phase, action.about.toString(), "SET LOCAL check_function_bodies = off", null, null));
            }
            done.add(action);
            steps.add(new Step(
                    action.phase, action.about.toString(), action.text(), action.lost, action.question, unsafe.of(action)));
        }
        return steps;
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
