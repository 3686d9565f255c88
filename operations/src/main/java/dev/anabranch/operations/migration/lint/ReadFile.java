// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

import dev.anabranch.operations.migration.files.MigrationFile;
import dev.anabranch.operations.migration.sql.SqlScript;
import dev.anabranch.operations.migration.sql.SqlStatement;
import dev.anabranch.operations.migration.sql.SqlToken;
import java.util.List;

/** A file with its statements read. */
final class ReadFile {
    /** How a file's name ends that runs statement by statement, whatever is in it. */
    private static final String ONLINE = "_online.sql";

    private final MigrationFile file;
    private final List<ReadStatement> statements;
    private final boolean transactional;

    ReadFile(MigrationFile file) {
        this.file = file;
        List<SqlStatement> split = SqlScript.split(file.sql());
        statements = split.stream().map(one -> new ReadStatement(this, one)).toList();
        transactional =
                !file.fileName().endsWith(ONLINE) && statements.stream().noneMatch(ReadStatement::refusesTransaction);
    }

    MigrationFile file() {
        return file;
    }

    List<ReadStatement> statements() {
        return statements;
    }

    /** Whether the file runs in one transaction. */
    boolean isTransactional() {
        return transactional;
    }

    List<SqlToken> tokens() {
        return SqlToken.of(file.sql());
    }
}
