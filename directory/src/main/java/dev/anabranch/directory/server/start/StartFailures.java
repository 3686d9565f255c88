// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.start;

import dev.anabranch.directory.server.credential.CredentialKeyInvalidException;
import dev.anabranch.directory.server.security.AdminTokenFile;
import dev.anabranch.problem.AnabranchException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalysisReporter;
import org.springframework.boot.diagnostics.FailureAnalyzer;

/** Says in one line why the node does not start. */
final class StartFailures implements FailureAnalyzer, FailureAnalysisReporter {
    private static final int DEPTH = 32;

    @Override
    public @Nullable FailureAnalysis analyze(Throwable failure) {
        Throwable seen = failure;
        for (int depth = 0; seen != null && depth < DEPTH; depth++) {
            switch (seen) {
                case StartRefused refused -> {
                    return new FailureAnalysis(refused.getMessage(), refused.hint(), failure);
                }
                case AdminTokenFile.Unusable unusable -> {
                    return new FailureAnalysis(
                            unusable.getMessage(), "Set ANABRANCH_ADMIN_TOKEN_FILE to another file", failure);
                }
                case CredentialKeyInvalidException key -> {
                    return new FailureAnalysis(
                            key.getMessage(),
                            "Correct ANABRANCH_CREDENTIAL_KEY or ANABRANCH_CREDENTIAL_KEY_FILE",
                            failure);
                }
                case AnabranchException known -> {
                    return new FailureAnalysis(known.problem(), known.hint(), failure);
                }
                default -> seen = seen.getCause();
            }
        }
        return null;
    }

    @Override
    public void report(FailureAnalysis analysis) {
        String action = analysis.getAction();
        String line = "anabranch directory: not started: " + analysis.getDescription() + ". "
                + (action == null ? "" : action + ".");
        System.err.println(line.replaceAll("\\s+", " ").strip());
    }
}
