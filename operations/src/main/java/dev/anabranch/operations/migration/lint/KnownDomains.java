// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The domains that the files have made, as far as it is known which of them have constraints. */
final class KnownDomains {
    private static final String NOT_NULL = "not null";

    private final String own;
    private final Map<String, Set<String>> constraints = new HashMap<>();

    KnownDomains(String own) {
        this.own = own;
    }

    /** Whether a column of that type is checked in each row, also where it holds no value yet. */
    boolean isConstrained(String type) {
        boolean quoted = type.length() > 1 && type.startsWith("\"") && type.endsWith("\"");
        String name = quoted ? type.substring(1, type.length() - 1).replace("\"\"", "\"") : type;
        return !constraints.getOrDefault(name, Set.of()).isEmpty();
    }

    /** Takes in what the statement does. */
    void after(ReadStatement statement) {
        Cursor at = statement.cursor();
        if (at.take("create", "domain")) {
            String name = at.name().key(own);
            Set<String> has = new TreeSet<>();
            while (!at.done()) {
                add(at, name, has);
            }
            constraints.put(name, has);
        } else if (at.take("alter", "domain")) {
            String name = at.name().key(own);
            alter(at, name, constraints.computeIfAbsent(name, any -> new TreeSet<>()));
        } else if (at.take("drop", "domain")) {
            at.takeIfExists();
            at.names().forEach(name -> constraints.remove(name.key(own)));
        }
    }

    private void alter(Cursor at, String name, Set<String> has) {
        if (at.take("add")) {
            add(at, name, has);
        } else if (at.take("set", "not", "null")) {
            has.add(NOT_NULL);
        } else if (at.take("drop", "not", "null")) {
            has.remove(NOT_NULL);
        } else if (at.take("drop", "constraint")) {
            at.takeIfExists();
            has.remove(at.next().name());
        } else if (at.take("rename", "constraint")) {
            boolean known = has.remove(at.next().name());
            at.take("to");
            if (known) {
                has.add(at.next().name());
            }
        } else if (at.take("rename", "to")) {
            constraints.remove(name);
            constraints.put(at.next().name(), has);
        }
    }

    /** One constraint, or one word of what else there is. */
    private static void add(Cursor at, String domain, Set<String> has) {
        String given = at.take("constraint") ? at.next().name() : null;
        if (at.take("not", "null")) {
            has.add(given == null ? NOT_NULL : given);
        } else if (at.take("check")) {
            at.parentheses();
            // As the server calls it.
            String name = domain + "_check";
            for (int n = 1; given == null && has.contains(name); n++) {
                name = domain + "_check" + n;
            }
            has.add(given == null ? name : given);
        } else {
            at.passOne();
        }
    }
}
