// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

import dev.anabranch.operations.migration.sql.SqlToken;
import dev.anabranch.operations.migration.sql.SqlToken.Kind;
import java.util.List;
import java.util.Set;

/** The session belongs to whoever applies the file: its search path, its role and its transaction; and so do grants to all. */
final class SessionRules implements Rule {
    private static final Set<String> ENDS = Set.of("commit", "rollback");

    @Override
    public void look(ReadStatement statement, Situation now) {
        Cursor at = statement.cursor();
        String verb = at.next().name();
        switch (verb) {
            case "set", "reset" -> set(at, statement, now);
            case "discard" -> now.out().add(LintRule.SEARCH_PATH, statement, "DISCARD resets the session", null);
            case "alter" -> {
                if ((at.take("role") || at.take("database") || at.take("user")) && mentions(at, "search_path")) {
                    now.out().add(LintRule.SEARCH_PATH, statement, "A search path is set for later sessions", null);
                }
            }
            case "begin", "commit", "end", "rollback", "abort", "start", "prepare" -> {
                boolean prepared = verb.equals("prepare") && !at.at("transaction");
                boolean savepoint = verb.equals("rollback") && (at.at("to") || at.at("work", "to") || at.at("transaction", "to"));
                if (!prepared && !savepoint) {
                    control(statement.brief() + " begins or ends a transaction", statement, now);
                }
            }
            case "do" -> body(statement, now);
            default -> {}
        }
        if (grantsToPublic(statement.cursor(), verb)) {
            now.out().add(LintRule.GRANT_TO_PUBLIC, statement, "A right is granted to PUBLIC", null);
        }
        if (setsConfig(statement.cursor().tokens(), "search_path")) {
            now.out().add(LintRule.SEARCH_PATH, statement, "set_config changes the search path", null);
        }
    }

    /** Whether it is GRANT … TO PUBLIC, on its own, in ALTER DEFAULT PRIVILEGES, or in a DO block. */
    private static boolean grantsToPublic(Cursor at, String verb) {
        if (verb.equals("do")) {
            return at.tokens().stream()
                    .filter(token -> token.kind() == Kind.DOLLAR_STRING || token.kind() == Kind.STRING)
                    .anyMatch(token -> grants(new Cursor(token.content())));
        }
        return (verb.equals("grant") || at.at("alter", "default", "privileges")) && grants(at);
    }

    private static boolean grants(Cursor at) {
        boolean grant = false;
        boolean to = false;
        while (!at.done()) {
            SqlToken token = at.next();
            if (token.is("grant") && !at.at("option")) {
                grant = true;
            } else if (token.is("revoke") || token.is(";")) {
                grant = false;
            }
            to = grant && (to || token.is("to"));
            if (to && token.is("public")) {
                return true;
            }
        }
        return false;
    }

    private static void control(String what, ReadStatement statement, Situation now) {
        now.out().add(LintRule.TRANSACTION_CONTROL, statement, what, null);
    }

    private static void set(Cursor at, ReadStatement statement, Situation now) {
        if (!at.take("session", "characteristics") && !at.at("session", "authorization")) {
            at.take("session");
            at.take("local");
        }
        if (at.at("search_path") || at.at("schema")) {
            now.out().add(LintRule.SEARCH_PATH, statement, "The search path is changed", null);
        } else if (at.at("role") || at.at("session", "authorization")) {
            now.out().add(LintRule.ROLE_CHANGE, statement, "The role is changed", null);
        }
    }

    private static boolean mentions(Cursor at, String word) {
        return at.tokens().stream().anyMatch(token -> token.is(word));
    }

    /** What a DO block does to the session, as far as it is written out. */
    private static void body(ReadStatement statement, Situation now) {
        for (SqlToken token : statement.cursor().tokens()) {
            if (token.kind() != Kind.DOLLAR_STRING && token.kind() != Kind.STRING) {
                continue;
            }
            Cursor at = new Cursor(token.content());
            if (setsConfig(at.tokens(), "search_path")) {
                now.out().add(LintRule.SEARCH_PATH, statement, "The block changes the search path", null);
            }
            while (!at.done()) {
                if (at.at("set", "search_path") || at.at("set", "local", "search_path")
                        || at.at("set", "session", "search_path")) {
                    now.out().add(LintRule.SEARCH_PATH, statement, "The block changes the search path", null);
                } else if (at.at("set", "role") || at.at("set", "local", "role") || at.at("set", "session", "authorization")) {
                    now.out().add(LintRule.ROLE_CHANGE, statement, "The block changes the role", null);
                } else if (at.at("lock", "table")) {
                    now.out().add(LintRule.LOCK_IN_BODY, statement, "The block has a LOCK TABLE", null);
                } else if (at.isAny(ENDS)) {
                    SqlToken end = at.next();
                    if (at.at(";") && statement.file().isTransactional()) {
                        control(
                                "The block has a " + end.text() + ", which fails in a file that runs in a transaction; a file named"
                                        + " …_online.sql runs without one",
                                statement,
                                now);
                        return;
                    }
                    continue;
                }
                at.next();
            }
        }
    }

    /** Whether there is {@code set_config('<setting>'…}. */
    static boolean setsConfig(List<SqlToken> tokens, String setting) {
        for (int i = 0; i + 2 < tokens.size(); i++) {
            if (tokens.get(i).is("set_config")
                    && tokens.get(i + 1).is("(")
                    && tokens.get(i + 2).kind() == Kind.STRING
                    && tokens.get(i + 2).content().equalsIgnoreCase(setting)) {
                return true;
            }
        }
        return false;
    }
}
