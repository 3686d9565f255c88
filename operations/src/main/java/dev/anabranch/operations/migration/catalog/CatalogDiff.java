// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import dev.anabranch.problem.AnabranchException;
import java.util.ArrayList;
import java.util.List;

/**
 * The way from one schema to another.
 *
 * <p>The steps come in an order that runs: what is needed is made first, what is not needed any more is dropped last, and what
 * hangs on something that changes is dropped and made again around it. The same snapshots give the same steps, byte for byte.
 */
public final class CatalogDiff {
    private CatalogDiff() {}

    /**
     * The statements that make the one schema into the other; none where they are equal. None of them names a schema, but where
     * a wanted definition does. Run by phases: those of {@link Phase#EXPAND} in one transaction, each of {@link Phase#ONLINE}
     * by itself, those of {@link Phase#CONTRACT} in one transaction.
     *
     * @throws AnabranchException if a rename names what is not there
     */
    public static List<Step> between(CatalogSnapshot from, CatalogSnapshot to, Renames renames) {
        Renaming renaming = new Renaming(from, to, renames);
        Comparison comparison = new Comparison(renaming.renamed(), to);
        Plan plan = new Plan();
        ChosenNames names = new ChosenNames(comparison);
        new TypeSteps(comparison, plan, names).add();
        new TableSteps(comparison, plan, names).add();
        new SequenceSteps(comparison, plan).add();
        new IndexSteps(comparison, plan, names).add();
        new ConstraintSteps(comparison, plan, names).add();
        new ReplicaIdentitySteps(comparison, plan, names).add();
        new DefinedSteps(comparison, plan).add();
        new CommentSteps(comparison, plan, names).add();
        List<Step> steps = new ArrayList<>(renaming.steps());
        steps.addAll(plan.steps(comparison));
        return List.copyOf(steps);
    }

    /**
     * What differs, a sentence for each: {@code missing index plan_name_idx on table plan}, {@code column plan.price is
     * numeric(10,2), expected numeric(12,2)}.
     *
     * @param from what is there
     * @param to what is expected
     */
    public static List<String> describe(CatalogSnapshot from, CatalogSnapshot to) {
        return new Description(new Comparison(from, to)).lines();
    }
}
