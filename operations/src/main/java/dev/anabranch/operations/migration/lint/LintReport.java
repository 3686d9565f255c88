// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

import java.util.List;

/**
 * What lint has to say about a group's files.
 *
 * @param findings by file, then by line
 * @param notes what was not looked at, and why
 */
public record LintReport(List<Finding> findings, List<String> notes) {
    /** Copies the lists. */
    public LintReport {
        findings = List.copyOf(findings);
        notes = List.copyOf(notes);
    }

    /** Whether a finding is an error. */
    public boolean hasErrors() {
        return findings.stream().anyMatch(finding -> finding.severity() == Severity.ERROR);
    }
}
