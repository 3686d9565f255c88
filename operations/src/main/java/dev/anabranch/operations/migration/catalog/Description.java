// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import dev.anabranch.operations.migration.catalog.SchemaType.CompositeType;
import dev.anabranch.operations.migration.catalog.SchemaType.DomainType;
import dev.anabranch.operations.migration.catalog.SchemaType.EnumType;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What differs, in sentences. */
final class Description {
    private final Comparison comparison;
    private final List<String> lines = new ArrayList<>();

    Description(Comparison comparison) {
        this.comparison = comparison;
    }

    List<String> lines() {
        for (ObjectId id : Units.of(comparison.to)) {
            if (!Units.isInherited(comparison.to, id) && !comparison.pairs().containsValue(id) && !isPart(comparison.from, id)) {
                lines.add("missing " + name(comparison.to, id));
            }
        }
        for (ObjectId id : Units.of(comparison.from)) {
            if (!Units.isInheritedAnywhere(comparison.from, comparison.to, id)
                    && comparison.pair(id) == null
                    && !isPart(comparison.to, id)) {
                lines.add("unexpected " + name(comparison.from, id));
            }
        }
        comparison.pairs().forEach((id, other) -> {
            SchemaObject old = comparison.from.object(id);
            SchemaObject now = comparison.to.object(other);
            if (old != null && now != null) {
                compare(old, now);
            }
        });
        return List.copyOf(lines);
    }

    /** Whether the whole that it is a part of is itself missing on the other side; a default is told with its column. */
    private static boolean isPart(CatalogSnapshot otherSide, ObjectId id) {
        return id.kind() == Kind.DEFAULT
                || (!id.table().isEmpty()
                        && !otherSide.has(ObjectId.table(id.table()))
                        && !otherSide.has(ObjectId.of(Kind.VIEW, id.table())));
    }

    private static String name(CatalogSnapshot side, ObjectId id) {
        return switch (side.object(id)) {
            case Index i -> "index " + i.name() + " on table " + i.table();
            case Constraint c -> "constraint " + c.name() + " on table " + c.table() + ": " + c.definition();
            case View v -> (v.materialized() ? "materialized view " : "view ") + v.name();
            case Trigger t -> "trigger " + t.name() + " on table " + t.table();
            case Policy p -> "policy " + p.name() + " on table " + p.table();
            case null, default -> id.toString();
        };
    }

    private void compare(SchemaObject old, SchemaObject now) {
        if (old.equals(now) || CatalogSnapshot.isInherited(now)) {
            return;
        }
        String name = name(comparison.from, old.id());
        int before = lines.size();
        switch (old) {
            case Column a when now instanceof Column b -> column(name, a, b);
            case Table a when now instanceof Table b -> table(name, a, b);
            case EnumType a when now instanceof EnumType b -> differ(name + " has the values", a.values(), b.values());
            case DomainType a when now instanceof DomainType b -> differ(name, text(a), text(b));
            case CompositeType a when now instanceof CompositeType b -> differ(name + " has", a.attributes(), b.attributes());
            case Sequence a when now instanceof Sequence b -> {
                differ(name, ColumnSql.options(a.options(), true), ColumnSql.options(b.options(), true));
                differ(name + " is owned by", a.ownerTable() + "." + a.ownerColumn(), b.ownerTable() + "." + b.ownerColumn());
            }
            case Trigger a when now instanceof Trigger b -> {
                differ(name, a.definition(), b.definition());
                differ(name + " is", a.state().words(), b.state().words());
            }
            case Policy a when now instanceof Policy b -> differ(name, a.definition(), b.definition());
            case Constraint a when now instanceof Constraint b -> differ(name, valid(a.isValid()), valid(b.isValid()));
            case null, default -> {
                // its definition is too long for a line
            }
        }
        if (!Objects.equals(old.comment(), now.comment())) {
            lines.add("comment on " + name + " is " + quoted(old.comment()) + ", expected " + quoted(now.comment()));
        }
        if (lines.size() == before) {
            lines.add(name + " is defined in another way than expected");
        }
    }

    private void column(String name, Column old, Column now) {
        differ(name, ColumnSql.type(old), ColumnSql.type(now));
        differ(name, old.notNull() ? "not null" : "nullable", now.notNull() ? "not null" : "nullable");
        if (old.isGenerated() || now.isGenerated()) {
            differ(name, generated(old), generated(now));
        } else {
            differ(name + " has the default", or(old.expression()), or(now.expression()));
        }
        differ(name, numbered(old), numbered(now));
    }

    private static String generated(Column column) {
        return column.isGenerated() ? "generated as (" + column.expression() + ") " + column.generation() : "not generated";
    }

    private static String numbered(Column column) {
        Column.Identity identity = column.identity();
        Column.Serial serial = column.serial();
        if (identity != null) {
            return "identity " + (identity.always() ? "always " : "by default ") + ColumnSql.options(identity.options(), true);
        }
        return serial == null ? "not numbered" : "serial " + ColumnSql.options(serial.options(), true);
    }

    private void table(String name, Table old, Table now) {
        differ(name, old.unlogged() ? "unlogged" : "logged", now.unlogged() ? "unlogged" : "logged");
        differ(name + " is partitioned by", or(old.partitionKey()), or(now.partitionKey()));
        differ(name + " has the parents", old.parents(), now.parents());
        differ(name + " has the bound", or(old.bound()), or(now.bound()));
        differ(name + " has the options", old.options(), now.options());
        differ(name + " has the replica identity", old.identity(), now.identity());
        differ(name + " has row-level security", security(old), security(now));
    }

    private static String security(Table table) {
        return table.rowSecurity() ? table.forced() ? "enabled and forced" : "enabled" : table.forced() ? "forced only" : "off";
    }

    private static String text(DomainType domain) {
        return domain.base() + (domain.collation() == null ? "" : " COLLATE " + domain.collation())
                + (domain.notNull() ? " not null" : "") + " default " + or(domain.expression()) + " "
                + domain.checks().stream().map(SchemaType.Check::definition).toList();
    }

    private static String valid(boolean valid) {
        return valid ? "validated" : "not validated";
    }

    private static String or(@Nullable String text) {
        return text == null ? "none" : text;
    }

    private static String quoted(@Nullable String text) {
        return text == null ? "none" : Names.literal(text.lines().findFirst().orElse(""));
    }

    private void differ(String name, Object old, Object now) {
        if (!old.equals(now)) {
            String is = name.contains(" is") || name.contains(" has") ? " " : " is ";
            lines.add(oneLine(name + is + old + ", expected " + now));
        }
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\s*\n\\s*", " ");
    }
}
