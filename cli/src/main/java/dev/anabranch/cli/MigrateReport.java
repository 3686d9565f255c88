// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.operations.migration.run.RunReport;
import java.util.Map;

/** What became of a run, for programs. */
final class MigrateReport {
    private MigrateReport() {}

    static Map<String, Object> json(RunReport report) {
        return MigrateScope.json(
                "plan", report.plan(),
                "group", report.group(),
                "head", report.head(),
                "complete", report.isComplete(),
                "millis", report.millis(),
                "databases", report.targets().stream().map(MigrateReport::json).toList(),
                "routed", MigrateScope.routed(report.routed()));
    }

    private static Map<String, Object> json(RunReport.Entry entry) {
        return MigrateScope.json(
                "database", entry.database(),
                "schema", entry.schema(),
                "wave", entry.wave(),
                "state", entry.state(),
                "from", entry.from(),
                "to", entry.to(),
                "applied", entry.applied(),
                "millis", entry.millis(),
                "code", entry.code(),
                "detail", entry.message());
    }
}
