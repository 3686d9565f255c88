// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.desired.random;

/**
 * Two schemas that a seed makes, the second mostly the first with changes.
 *
 * @param seed the number that makes the same pair again
 * @param from a script
 * @param to a script
 */
public record RandomPair(long seed, String from, String to) {
    /** The pair of this seed. */
    public static RandomPair of(long seed) {
        var draw = new Draw(seed * 31 + 7);
        String one = SketchSql.of(Sketcher.sketch(seed));
        Sketch changed = Sketcher.sketch(seed);
        new SketchChange(seed + 1, changed).apply();
        String two = SketchSql.of(changed);
        int form = draw.below(100);
        if (form < 4) {
            return new RandomPair(seed, "", one);
        }
        if (form < 6) {
            return new RandomPair(seed, one, "");
        }
        if (form < 12) {
            return new RandomPair(seed, one, SketchSql.of(Sketcher.sketch(seed + 1_000_000_007L)));
        }
        // A change and its undoing are both ways that a schema goes.
        return draw.percent(50) ? new RandomPair(seed, one, two) : new RandomPair(seed, two, one);
    }
}
