// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.start;

import java.sql.SQLException;
import java.util.Map;
import java.util.regex.Pattern;
import org.flywaydb.core.api.FlywayException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** Names the cause of a failed start that no other analyzer knows: its class, its SQLState and what it says first. */
@Order(Ordered.LOWEST_PRECEDENCE)
final class AnyStartFailure implements FailureAnalyzer {
    private static final int DEPTH = 32;
    private static final int LONGEST = 300;
    private static final int SHORTEST_SECRET = 4;
    private static final Pattern SECRET_NAME = Pattern.compile(".*(PASSWORD|KEY|TOKEN|SECRET).*");
    private static final Pattern NAMED_SECRET =
            Pattern.compile("(?i)((?:password|secret|token|key)[\"']?\\s*[=:]\\s*)[^\\s,;&]+");

    @Override
    public @Nullable FailureAnalysis analyze(Throwable failure) {
        Throwable root = failure;
        String state = "";
        boolean flyway = false;
        for (int depth = 0; depth < DEPTH; depth++) {
            flyway |= root instanceof FlywayException;
            if (state.isEmpty() && root instanceof SQLException sql && sql.getSQLState() != null) {
                state = ", SQLState " + sql.getSQLState();
            }
            Throwable cause = root.getCause();
            if (cause == null) {
                break;
            }
            root = cause;
        }
        String what = "(" + root.getClass().getSimpleName() + state + ") " + said(root, System.getenv());
        return flyway
                ? new FailureAnalysis(
                        "The meta database's schema 'anabranch' cannot be brought up to date " + what,
                        "Check that the schema is this version's or an earlier one's, and that the user of"
                                + " ANABRANCH_META_USER may create tables in it",
                        failure)
                : new FailureAnalysis(
                        "It failed " + what,
                        "Correct what that names; LOGGING_LEVEL_ORG_SPRINGFRAMEWORK_BOOT_DIAGNOSTICS=debug and"
                                + " LOGGING_EXCEPTION_CONVERSION_WORD=%wEx show where it failed",
                        failure);
    }

    /** The first line that says something; a driver's next ones quote the statement. */
    static String said(Throwable root, Map<String, String> environment) {
        String message = root.getMessage() == null ? "" : root.getMessage();
        String line = message.lines()
                .map(String::strip)
                .filter(text -> text.chars().anyMatch(Character::isLetter))
                .findFirst()
                .orElse("without a message");
        for (Map.Entry<String, String> variable : environment.entrySet()) {
            if (SECRET_NAME.matcher(variable.getKey()).matches() && variable.getValue().length() >= SHORTEST_SECRET) {
                line = line.replace(variable.getValue(), "***");
            }
        }
        line = NAMED_SECRET.matcher(line).replaceAll("$1***").replaceFirst("[.\\s]+$", "");
        return line.length() > LONGEST ? line.substring(0, LONGEST) + "…" : line;
    }
}
