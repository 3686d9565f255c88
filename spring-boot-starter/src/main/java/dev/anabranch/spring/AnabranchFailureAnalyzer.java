// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring;

import dev.anabranch.problem.AnabranchException;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Prints a start that failed as a description and an action, in place of a stack trace. */
final class AnabranchFailureAnalyzer extends AbstractFailureAnalyzer<AnabranchException> {
    private static final Pattern VARIABLE = Pattern.compile("SHARDING_[A-Z_]*[A-Z]");

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, AnabranchException cause) {
        return new FailureAnalysis(
                withProperties(cause.problem()) + " (" + cause.code().code() + ").",
                withProperties(cause.hint()) + ".",
                cause);
    }

    /** The text, with the property's name beside each variable's. */
    static String withProperties(String text) {
        return VARIABLE.matcher(text).replaceAll(AnabranchFailureAnalyzer::both);
    }

    private static String both(MatchResult variable) {
        return variable.group() + " (" + ShardingVariables.propertyOf(variable.group()) + ")";
    }
}
