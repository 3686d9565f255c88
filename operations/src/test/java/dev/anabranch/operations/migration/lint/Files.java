// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

import dev.anabranch.operations.migration.files.MigrationFile;
import dev.anabranch.operations.migration.files.MigrationSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Sets of files for tests: the first is the history, and applied. */
final class Files {
    static final String SCHEMA = "billing";

    /** Tables that are in use. */
    static final String HISTORY = """
            CREATE TABLE account (id bigint PRIMARY KEY, customer_id text NOT NULL, email varchar(100), plan text,
                amount numeric(10,2), seen timestamptz, price integer);
            CREATE TABLE invoice (id bigint, account_id bigint, note text);
            CREATE INDEX account_email_idx ON account (email);
            CREATE VIEW paying AS SELECT id FROM account;
            CREATE MATERIALIZED VIEW totals AS SELECT count(*) AS n, 1 AS id FROM account;
            CREATE UNIQUE INDEX totals_id_idx ON totals (id);
            """;

    private Files() {}

    /** The history, then each text as a file of its own from V2 on. */
    static MigrationSet set(String... texts) {
        List<MigrationFile> files = new ArrayList<>();
        files.add(MigrationSet.file("test", "V1__begin.sql", HISTORY));
        for (String text : texts) {
            String name = "V" + (files.size() + 1) + "__next" + (text.contains("_online.sql") ? "_online" : "") + ".sql";
            files.add(MigrationSet.file("test", name, text));
        }
        return new MigrationSet("test", files);
    }

    /** With the first file applied. */
    static LintContext context(MigrationSet set) {
        Map<Long, Integer> applied = new TreeMap<>();
        applied.put(1L, set.files().getFirst().checksum());
        return LintContext.of(set, SCHEMA).withApplied(applied);
    }

    /** What is found in the texts, with a runner that sets timeouts. */
    static List<Finding> lint(String... texts) {
        return Lint.of(context(set(texts)).withTimeoutsByRunner()).findings();
    }

    static List<String> ids(List<Finding> findings) {
        return findings.stream().map(finding -> finding.rule().id()).toList();
    }
}
