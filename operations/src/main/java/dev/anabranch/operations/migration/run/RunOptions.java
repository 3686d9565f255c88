// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.run;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * In which order many schemas are migrated, and when to stop.
 *
 * @param canary the name of the database that goes first and alone; null for the first target
 * @param waves the sizes of the waves after the canary: a number ({@code 5}) or a share of all targets ({@code 10%}); what is
 *     left is the last wave
 * @param perServer how many schemas of one server (host and port) are migrated at once
 * @param overall how many schemas are migrated at once in all
 * @param maxFailures after so many failures nothing new is started
 * @param onError what a failure means to the waves after it
 */
public record RunOptions(
        @Nullable String canary, List<String> waves, int perServer, int overall, int maxFailures, OnError onError) {
    private static final Pattern SIZE = Pattern.compile("[1-9]\\d{0,5}|(?:100|[1-9]\\d?)%");

    /** What a failure after the canary means. A canary that fails always ends the run. */
    public enum OnError {
        /** Nothing new is started after it. */
        STOP,
        /** The others are migrated all the same, until there are too many failures. */
        CONTINUE
    }

    /** The first target, then a tenth, then the rest; 4 at once on a server, 32 in all; stops at the first failure. */
    public static final RunOptions DEFAULT = new RunOptions(null, List.of("10%"), 4, 32, 1, OnError.STOP);

    /** Checks the bounds. */
    public RunOptions {
        waves = List.copyOf(waves);
        for (String wave : waves) {
            if (!SIZE.matcher(wave).matches()) {
                throw invalid("'" + wave + "' is no size of a wave", "Give a number such as 5, or a share such as 10%");
            }
        }
        if (perServer < 1 || overall < 1 || maxFailures < 1) {
            throw invalid(
                    "A run with perServer=" + perServer + ", overall=" + overall + ", maxFailures=" + maxFailures
                            + " cannot work",
                    "Give numbers from 1 on");
        }
    }

    /** The same with another canary. */
    public RunOptions withCanary(String database) {
        return new RunOptions(database, waves, perServer, overall, maxFailures, onError);
    }

    /** The same with other waves. */
    public RunOptions withWaves(List<String> sizes) {
        return new RunOptions(canary, sizes, perServer, overall, maxFailures, onError);
    }

    /** The same with another limit for each server. */
    public RunOptions withPerServer(int limit) {
        return new RunOptions(canary, waves, limit, overall, maxFailures, onError);
    }

    /** Goes on after failures, until there are so many. */
    public RunOptions withMaxFailures(int limit) {
        return new RunOptions(canary, waves, perServer, overall, limit, OnError.CONTINUE);
    }

    private static AnabranchException invalid(String problem, String hint) {
        return new AnabranchException(ErrorCode.CONFIGURATION_INVALID, problem, hint);
    }
}
