// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import dev.anabranch.operations.migration.catalog.Plan.Action;
import dev.anabranch.operations.migration.catalog.Plan.Mode;
import dev.anabranch.operations.migration.catalog.SchemaType.CompositeType;
import dev.anabranch.operations.migration.catalog.SchemaType.DomainType;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Says what the comments are to say. */
final class CommentSteps {
    private final Comparison comparison;
    private final Plan plan;
    private final ChosenNames names;

    CommentSteps(Comparison comparison, Plan plan, ChosenNames names) {
        this.comparison = comparison;
        this.plan = plan;
        this.names = names;
    }

    void add() {
        for (ObjectId id : comparison.coming()) {
            compare(null, comparison.to.object(id));
        }
        comparison.staying().forEach((id, other) -> compare(comparison.from.object(id), comparison.to.object(other)));
    }

    private void compare(@Nullable SchemaObject old, @Nullable SchemaObject now) {
        if (now == null || CatalogSnapshot.isInherited(now)) {
            return;
        }
        if (!Objects.equals(old == null ? null : old.comment(), now.comment())) {
            comment(now, target(now), now.comment());
        }
        Map<String, String> was = parts(old);
        Map<String, String> will = parts(now);
        TreeSet<String> all = new TreeSet<>(was.keySet());
        all.addAll(will.keySet());
        for (String part : all) {
            if (!Objects.equals(was.get(part), will.get(part))) {
                if (will.containsKey(part) || exists(now, part)) {
                    comment(now, part, will.get(part));
                }
            }
        }
    }

    private static boolean exists(SchemaObject now, String target) {
        return switch (now) {
            case View v -> v.columns().stream().anyMatch(c -> target.endsWith("." + c.substring(0, c.indexOf(' '))));
            case CompositeType c -> c.attributes().keySet().stream().anyMatch(a -> target.endsWith("." + Names.quote(a)));
            case DomainType d -> d.checks().stream()
                    .anyMatch(check -> target.startsWith("CONSTRAINT " + Names.quote(check.name()) + " "));
            case Table t -> false;
            case Column c -> false;
            case Constraint c -> false;
            case Index i -> false;
            case Sequence s -> false;
            case Routine r -> false;
            case Trigger t -> false;
            case Policy p -> false;
            case Statistics s -> false;
            case SchemaType t -> false;
        };
    }

    /** The comments on parts that are no objects of their own, by what COMMENT ON calls them. */
    private static Map<String, String> parts(@Nullable SchemaObject object) {
        Map<String, String> found = new TreeMap<>();
        switch (object) {
            case View v -> v.columnComments().forEach((column, text) ->
                    found.put("COLUMN " + Names.quote(v.name()) + "." + Names.quote(column), text));
            case CompositeType c -> c.attributeComments().forEach((attribute, text) ->
                    found.put("COLUMN " + Names.quote(c.name()) + "." + Names.quote(attribute), text));
            case DomainType d -> d.checks().forEach(check -> {
                String text = check.comment();
                if (text != null) {
                    found.put("CONSTRAINT " + Names.quote(check.name()) + " ON DOMAIN " + Names.quote(d.name()), text);
                }
            });
            case null, default -> {
                // has none
            }
        }
        return found;
    }

    private void comment(SchemaObject now, String target, @Nullable String text) {
        Action comment = plan.add(
                Mode.MAKE,
                now.id(),
                "COMMENT ON " + target + " IS " + (text == null ? "NULL" : Names.literal(text)));
        List<Action> chain = plan.madeOrChanged(now.id());
        chain.forEach(made -> plan.before(made, comment));
    }

    private String target(SchemaObject object) {
        String on = object.id().table().isEmpty() ? "" : " ON " + Names.quote(object.id().table());
        return switch (object) {
            case Table t -> "TABLE " + Names.quote(t.name());
            case Column c -> "COLUMN " + Names.quote(c.table()) + "." + Names.quote(c.name());
            case Constraint c -> "CONSTRAINT " + Names.quote(names.of(c.id())) + on;
            case Index i -> "INDEX " + Names.quote(names.of(i.id()));
            case Sequence s -> "SEQUENCE " + Names.quote(s.name());
            case View v -> (v.materialized() ? "MATERIALIZED VIEW " : "VIEW ") + Names.quote(v.name());
            case Routine r -> r.form() + " " + Names.quote(r.name()) + "("
                    + (r.form() == Routine.Form.AGGREGATE && r.arguments().isEmpty() ? "*" : r.arguments()) + ")";
            case Trigger t -> "TRIGGER " + Names.quote(t.name()) + on;
            case Policy p -> "POLICY " + Names.quote(p.name()) + on;
            case Statistics s -> "STATISTICS " + Names.quote(s.name());
            case DomainType d -> "DOMAIN " + Names.quote(d.name());
            case SchemaType t -> "TYPE " + Names.quote(t.name());
        };
    }
}
