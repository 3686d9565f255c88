// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

import dev.anabranch.operations.migration.sql.SqlToken;
import dev.anabranch.operations.migration.sql.SqlToken.Kind;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A strong lock is waited for with a timeout. */
final class TimeoutRule implements Rule {
    @Override
    public void look(ReadStatement statement, Situation now) {
        boolean byRunner = now.context().runnerSetsTimeouts();
        if (!statement.file().isTransactional()) {
            // What is built concurrently waits for old transactions, holds nobody up meanwhile, and must not be broken off.
            if (now.strongLock(statement).isPresent() && Boolean.FALSE.equals(settingBefore(statement))) {
                now.out().add(LintRule.MISSING_TIMEOUT, statement, "The lock_timeout is switched off before it", null);
            }
            return;
        }
        if (byRunner && Boolean.FALSE.equals(sets(statement))) {
            now.out().add(LintRule.MISSING_TIMEOUT, statement, "The lock_timeout is switched off", null);
            return;
        }
        if (byRunner || now.strongLock(statement).isEmpty()) {
            return;
        }
        if (!isSetBefore(statement) && !lockedBefore(statement, now)) {
            String lock = now.strongLock(statement).orElseThrow();
            now.out().add(
                    LintRule.MISSING_TIMEOUT,
                    statement,
                    "It takes a lock, " + lock + ", and no lock_timeout is set in the file",
                    Written.TIMEOUT + statement.text() + ";");
        }
    }

    /** One finding for each file is enough. */
    private static boolean lockedBefore(ReadStatement statement, Situation now) {
        return statement.file().statements().stream()
                .takeWhile(one -> one != statement)
                .anyMatch(one -> now.out().has(LintRule.MISSING_TIMEOUT, one));
    }

    static boolean isSetBefore(ReadStatement statement) {
        return Boolean.TRUE.equals(settingBefore(statement));
    }

    /** What the file's statements before have made of it; null where they say nothing. */
    private static @Nullable Boolean settingBefore(ReadStatement statement) {
        Boolean set = null;
        for (ReadStatement one : statement.file().statements()) {
            if (one == statement) {
                break;
            }
            Boolean now = sets(one);
            set = now == null ? set : now;
        }
        return set;
    }

    /** True where the statement sets a timeout, false where it takes it away, null for anything else. */
    private static @Nullable Boolean sets(ReadStatement statement) {
        Cursor at = statement.cursor();
        if (at.take("reset")) {
            return (at.at("lock_timeout") || at.at("all")) ? Boolean.FALSE : null;
        }
        if (at.take("set")) {
            at.take("local");
            at.take("session");
            if (!at.take("lock_timeout")) {
                return null;
            }
            at.next();
            return isTime(at.next());
        }
        List<SqlToken> tokens = at.tokens();
        if (SessionRules.setsConfig(tokens, "lock_timeout")) {
            return tokens.stream().filter(token -> token.kind() == Kind.STRING).skip(1).findFirst()
                    .map(TimeoutRule::isTime)
                    .orElse(true);
        }
        return null;
    }

    private static boolean isTime(SqlToken value) {
        String text = value.kind() == Kind.STRING ? value.content().strip() : value.text();
        return !text.matches("-?0+\\s*\\w*") && !text.equalsIgnoreCase("default");
    }
}
