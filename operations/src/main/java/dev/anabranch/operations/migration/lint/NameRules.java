// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

import dev.anabranch.operations.migration.lint.SchemaNames.Found;
import dev.anabranch.operations.migration.sql.SqlToken;
import dev.anabranch.operations.migration.sql.SqlToken.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Migrations stay in their own schema, and do not name it. */
final class NameRules implements Rule {
    private static final Set<String> SYSTEM = Set.of("pg_catalog", "information_schema", "pg_temp", "pg_toast");

    private static final Set<String> ROUTINES = Set.of("function", "procedure", "routine");

    @Override
    public void look(ReadStatement statement, Situation now) {
        String own = now.context().schema();
        Set<String> told = new HashSet<>();
        path(statement, now, told);
        for (Found found : SchemaNames.of(statement, now.known())) {
            String schema = found.schema();
            boolean publicRoutine = schema.equals("public") && !found.isRelation();
            if (SYSTEM.contains(schema) || (publicRoutine && !schema.equals(own)) || !told.add(schema + found.isReference())) {
                continue;
            }
            if (schema.equals(own)) {
                now.out().add(
                        LintRule.OWN_SCHEMA_NAMED,
                        statement,
                        "The schema " + schema + " is named, in " + found.written(),
                        without(statement, found));
            } else if (found.isReference()) {
                reference(statement, now, found);
            } else {
                now.out().add(
                        LintRule.FOREIGN_SCHEMA,
                        statement,
                        "The schema " + schema + " is not this group's, which is " + own + ": " + found.written(),
                        null);
            }
        }
    }

    /** An error where the key may cross databases, else a warning: it ties two groups together all the same. */
    private static void reference(ReadStatement statement, Situation now, Found found) {
        Neighbours neighbours = now.context().neighbours();
        List<RefusedRelation> refused = neighbours == null
                ? List.of()
                : neighbours.refused(statement, now.known()).stream()
                        .filter(relation -> neighbours.owns(relation.to().group(), found.schema()))
                        .toList();
        if (refused.isEmpty()) {
            now.out().add(LintRule.NEIGHBOUR_REFERENCE, statement, "A foreign key leads to " + found.written(), null);
        }
        refused.forEach(relation -> now.out().refused(LintRule.NEIGHBOUR_REFERENCE, statement, relation.toString()));
    }

    /** The search path that a function or procedure sets for itself, or in its body. */
    private static void path(ReadStatement statement, Situation now, Set<String> told) {
        Cursor at = statement.cursor();
        if (at.take("create")) {
            at.take("or", "replace");
        } else if (!at.take("alter")) {
            return;
        }
        if (!at.isAny(ROUTINES)) {
            return;
        }
        List<String> named = new ArrayList<>(namesOfPath(at));
        for (SqlToken token : at.tokens()) {
            if (token.kind() == Kind.DOLLAR_STRING || token.kind() == Kind.STRING) {
                named.addAll(namesOfPath(new Cursor(token.content())));
            }
        }
        for (String schema : named) {
            boolean harmless = schema.isEmpty() || schema.equals("$user") || schema.equals(now.context().schema());
            if (!harmless && !SYSTEM.contains(schema) && told.add(schema + false)) {
                now.out().add(
                        LintRule.FOREIGN_SCHEMA,
                        statement,
                        "The function's search path leads to " + schema + ", which is not this group's schema "
                                + now.context().schema(),
                        null);
            }
        }
    }

    private static List<String> namesOfPath(Cursor at) {
        List<String> names = new ArrayList<>();
        while (!at.done()) {
            if (!at.take("set")) {
                at.next();
                continue;
            }
            at.take("local");
            at.take("session");
            if (!at.next().name().equals("search_path") || !(at.take("=") || at.take("to"))) {
                continue;
            }
            do {
                SqlToken schema = at.next();
                names.add(schema.kind() == Kind.STRING ? schema.content() : schema.name());
            } while (at.take(","));
        }
        names.remove("default");
        return names;
    }

    /** The statement without the schema's name, where it stands as {@code schema.} */
    private static @Nullable String without(ReadStatement statement, Found found) {
        if (!found.written().contains(".")) {
            return null;
        }
        var text = new StringBuilder();
        int from = 0;
        var tokens = statement.cursor().tokens();
        for (int i = 0; i + 1 < tokens.size(); i++) {
            boolean first = i == 0 || !tokens.get(i - 1).is(".");
            if (first && tokens.get(i).isName() && tokens.get(i).name().equals(found.schema()) && tokens.get(i + 1).is(".")) {
                text.append(statement.text(), from, tokens.get(i).start());
                from = tokens.get(i + 1).end();
            }
        }
        return text.append(statement.text().substring(from)).append(';').toString();
    }
}
