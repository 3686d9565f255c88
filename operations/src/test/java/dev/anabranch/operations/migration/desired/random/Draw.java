// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.desired.random;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Random choices that a seed repeats. */
final class Draw {
    private final Random random;

    Draw(long seed) {
        random = new Random(seed);
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    /** From the first to the second, both included. */
    int between(int least, int most) {
        return least + random.nextInt(most - least + 1);
    }

    /** True so many times in a hundred. */
    boolean percent(int chance) {
        return random.nextInt(100) < chance;
    }

    <T> T of(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    @SafeVarargs
    final <T> T of(T... choices) {
        return choices[random.nextInt(choices.length)];
    }

    /** Some of them, at most so many, in random order. */
    <T> List<T> some(List<T> choices, int most) {
        List<T> left = new ArrayList<>(choices);
        java.util.Collections.shuffle(left, random);
        return List.copyOf(left.subList(0, Math.min(left.size(), between(1, most))));
    }
}
