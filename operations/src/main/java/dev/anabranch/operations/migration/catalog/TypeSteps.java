// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import dev.anabranch.operations.migration.catalog.Plan.Action;
import dev.anabranch.operations.migration.catalog.Plan.Mode;
import dev.anabranch.operations.migration.catalog.SchemaType.Check;
import dev.anabranch.operations.migration.catalog.SchemaType.CompositeType;
import dev.anabranch.operations.migration.catalog.SchemaType.DomainType;
import dev.anabranch.operations.migration.catalog.SchemaType.EnumType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Makes, changes and drops enums, domains and composite types. One that cannot be changed in place is made anew beside the
 * old, which gets another name; the columns are carried over, and the old one goes.
 */
final class TypeSteps {
    private static final String NOT_VALID = " NOT VALID";

    private final Comparison comparison;
    private final Plan plan;
    private final ChosenNames names;

    TypeSteps(Comparison comparison, Plan plan, ChosenNames names) {
        this.comparison = comparison;
        this.plan = plan;
        this.names = names;
    }

    void add() {
        for (ObjectId id : comparison.coming()) {
            if (comparison.to.object(id) instanceof SchemaType type) {
                Action create = plan.add(Mode.MAKE, id, create(type));
                plan.makes(id, create);
                if (type instanceof DomainType domain) {
                    domain.checks().stream()
                            .filter(check -> check.definition().endsWith(NOT_VALID))
                            .forEach(check -> plan.before(create, plan.add(
                                    Mode.MAKE,
                                    id,
                                    "ALTER DOMAIN " + Names.quote(domain.name()) + " ADD CONSTRAINT "
                                            + Names.quote(check.name()) + " " + check.definition())));
                }
            }
        }
        for (ObjectId id : comparison.going()) {
            if (comparison.from.object(id) instanceof SchemaType type) {
                drop(type);
            }
        }
        comparison.staying().forEach((id, other) -> {
            SchemaObject now = comparison.to.object(other);
            switch (comparison.from.object(id)) {
                case EnumType a when now instanceof EnumType b -> alter(a, b);
                case DomainType a when now instanceof DomainType b -> alter(a, b);
                case CompositeType a when now instanceof CompositeType b -> alter(a, b);
                case null, default -> {
                    // no type
                }
            }
        });
    }

    private void drop(SchemaType type) {
        String word = type instanceof DomainType ? "DOMAIN " : "TYPE ";
        if (!comparison.isReplaced(type.id())) {
            plan.drops(type.id(), plan.add(Mode.DROP, type.id(), "DROP " + word + Names.quote(type.name()))
                    .losing("the definition of the type " + type.name()));
            return;
        }
        String old = names.free(type.name(), "_old");
        Action rename = plan.add(
                        Mode.MAKE,
                        type.id(),
                        "ALTER " + word + Names.quote(type.name()) + " RENAME TO " + Names.quote(old))
                .asking(question(type));
        plan.before(rename, plan.made(type.id()).getFirst());
        Action drop = plan.drops(type.id(), plan.add(Mode.DROP, type.id(), "DROP " + word + Names.quote(old)));
        plan.before(rename, drop);
        plan.renamesOld(type.id(), rename);
    }

    private String question(SchemaType type) {
        String what = "the columns of the type " + type.name() + " are written anew while nothing can use their tables";
        if (type instanceof EnumType old && comparison.to.object(type.id()) instanceof EnumType now) {
            List<String> gone = old.values().stream().filter(value -> !now.values().contains(value)).toList();
            return gone.isEmpty() ? what : what + ", and a row with " + String.join(", ", gone) + " stops it";
        }
        return what;
    }

    private static String create(SchemaType type) {
        String name = Names.quote(type.name());
        return switch (type) {
            case EnumType e -> "CREATE TYPE " + name + " AS ENUM ("
                    + e.values().stream().map(Names::literal).collect(Collectors.joining(", ")) + ")";
            case DomainType d -> "CREATE DOMAIN " + name + " AS " + d.base()
                    + (d.collation() == null ? "" : " COLLATE " + d.collation())
                    + (d.expression() == null ? "" : " DEFAULT " + d.expression())
                    + (d.notNull() ? " NOT NULL" : "")
                    + d.checks().stream()
                            .filter(check -> !check.definition().endsWith(NOT_VALID))
                            .map(check -> " CONSTRAINT " + Names.quote(check.name()) + " " + check.definition())
                            .collect(Collectors.joining());
            case CompositeType c -> "CREATE TYPE " + name + " AS ("
                    + c.attributes().entrySet().stream()
                            .map(attribute -> Names.quote(attribute.getKey()) + " " + attribute.getValue())
                            .collect(Collectors.joining(", "))
                    + ")";
        };
    }

    private void alter(EnumType old, EnumType now) {
        List<String> known = new ArrayList<>(old.values());
        Action last = null;
        for (int n = 0; n < now.values().size(); n++) {
            String value = now.values().get(n);
            if (old.values().contains(value)) {
                continue;
            }
            String where = "";
            if (n > 0 && !known.isEmpty() && !known.getLast().equals(now.values().get(n - 1))) {
                where = " AFTER " + Names.literal(now.values().get(n - 1));
            } else if (n == 0 && !known.isEmpty()) {
                where = " BEFORE " + Names.literal(known.getFirst());
            }
            known.add(n == 0 ? 0 : known.indexOf(now.values().get(n - 1)) + 1, value);
            Action add = plan.add(
                            Mode.MAKE,
                            now.id(),
                            "ALTER TYPE " + Names.quote(now.name()) + " ADD VALUE " + Names.literal(value) + where)
                    .first();
            plan.newValue(now.name(), value, add);
            if (last != null) {
                plan.before(last, add);
            }
            last = add;
        }
    }

    private void alter(DomainType old, DomainType now) {
        String alter = "ALTER DOMAIN " + Names.quote(now.name()) + " ";
        if (!Objects.equals(old.expression(), now.expression())) {
            change(old, alter + (now.expression() == null ? "DROP DEFAULT" : "SET DEFAULT " + now.expression()));
        }
        if (old.notNull() != now.notNull()) {
            change(old, alter + (now.notNull() ? "SET NOT NULL" : "DROP NOT NULL"));
        }
        List<Check> gone = new ArrayList<>(old.checks());
        List<Check> come = new ArrayList<>();
        List<String> kept = new ArrayList<>();
        for (Check check : now.checks()) {
            boolean same = false;
            for (Check was : gone) {
                if (was.definition().equals(check.definition())) {
                    gone.remove(was);
                    kept.add(was.name());
                    same = true;
                    break;
                }
            }
            if (!same) {
                come.add(check);
            }
        }
        Action last = null;
        for (Check check : gone) {
            last = next(last, change(old, alter + "DROP CONSTRAINT " + Names.quote(check.name())));
        }
        for (Check check : come) {
            String name = Names.quote(Names.free(check.name(), "", kept::contains));
            boolean valid = !check.definition().endsWith(NOT_VALID);
            last = next(last, change(
                    old, alter + "ADD CONSTRAINT " + name + " " + check.definition() + (valid ? NOT_VALID : "")));
            if (valid) {
                plan.before(last, plan.add(Mode.ONLINE, now.id(), alter + "VALIDATE CONSTRAINT " + name));
            }
        }
    }

    private Action change(SchemaType old, String sql) {
        return plan.changes(old.id(), plan.add(Mode.MAKE, old.id(), sql));
    }

    private Action next(@org.jspecify.annotations.Nullable Action last, Action action) {
        if (last != null) {
            plan.before(last, action);
        }
        return action;
    }

    private void alter(CompositeType old, CompositeType now) {
        String alter = "ALTER TYPE " + Names.quote(now.name()) + " ";
        for (Map.Entry<String, String> attribute : now.attributes().entrySet()) {
            if (!old.attributes().containsKey(attribute.getKey())) {
                change(old, alter + "ADD ATTRIBUTE " + Names.quote(attribute.getKey()) + " " + attribute.getValue());
            }
        }
        for (String attribute : old.attributes().keySet()) {
            if (!now.attributes().containsKey(attribute)) {
                change(old, alter + "DROP ATTRIBUTE " + Names.quote(attribute))
                        .losing("the values of the attribute " + now.name() + "." + attribute);
            }
        }
    }
}
