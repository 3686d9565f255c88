// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.migrate;

import dev.anabranch.Anabranch;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.spring.AnabranchProperties.Migrate.AtStart;
import dev.anabranch.spring.PreparationAtStart;
import dev.anabranch.topology.Topology;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prepares all databases of the group when the application starts, at once. One that cannot be reached keeps nobody from
 * starting: it is prepared before its first statement. One that must not be used as it is, does.
 */
final class SchemasAtStart implements PreparationAtStart {
    private static final Logger LOG = LoggerFactory.getLogger(SchemasAtStart.class);

    private final AtStart mode;
    private final boolean askedFor;
    private final String group;
    private final MigrationFiles files;

    /**
     * @param askedFor whether somebody has chosen the mode: then there must be migrations
     */
    SchemasAtStart(AtStart mode, boolean askedFor, String group, MigrationFiles files) {
        this.mode = mode;
        this.askedFor = askedFor;
        this.group = group;
        this.files = files;
    }

    @Override
    public void prepare(Anabranch anabranch) {
        if (mode == AtStart.OFF || !hasFiles(anabranch.topology())) {
            LOG.debug("No schema is looked at: mode {}, migrations at {}", mode, files.location());
            return;
        }
        List<AnabranchException> refusals = new ArrayList<>();
        Map<String, SQLException> failures = new TreeMap<>(anabranch.prepare());
        boolean nowhere = failures.size() == anabranch.topology().group(group).databases().size()
                && failures.values().stream().allMatch(SchemasAtStart::isLoginRefused);
        failures.forEach((database, failure) -> {
            if (isUnreachable(failure) && !nowhere) {
                LOG.warn(
                        "The database {} cannot be reached now; its schema will be looked at before its first statement: {}",
                        database,
                        failure.getMessage());
            } else {
                refusals.add(refusal(database, failure));
            }
        });
        if (!refusals.isEmpty()) {
            throw all(refusals);
        }
    }

    private boolean hasFiles(Topology topology) {
        boolean found = false;
        for (String name : topology.group(group).databases()) {
            found |= files.of(topology.database(name).flavor()).isPresent();
        }
        if (!found && askedFor) {
            throw new AnabranchException(
                    ErrorCode.MIGRATION_INVALID,
                    "There are no migrations V<number>__name.sql at " + files.location() + " (anabranch.migrate.location)",
                    "Correct the location, or set anabranch.migrate.mode to off");
        }
        return found;
    }

    private static boolean isUnreachable(SQLException failure) {
        return AnabranchException.in(failure)
                .map(e -> e.code() == ErrorCode.DATABASE_UNAVAILABLE)
                .orElseGet(() -> failure.getSQLState() != null && failure.getSQLState().startsWith("08"));
    }

    /**
     * Whether the server was reached and lets nobody in: a wrong password, or a role that no migration has made yet. On one
     * shard of many it is like one that is down; on all of them the application has nothing to start for.
     */
    private static boolean isLoginRefused(SQLException failure) {
        Throwable seen = failure;
        for (int depth = 0; seen != null && depth < 32; depth++) {
            if (seen instanceof SQLException e && e.getSQLState() != null && e.getSQLState().startsWith("28")) {
                return true;
            }
            seen = seen.getCause();
        }
        return false;
    }

    private static AnabranchException refusal(String database, SQLException failure) {
        return AnabranchException.in(failure).orElseGet(() -> new AnabranchException(
                ErrorCode.MIGRATION_FAILED,
                "The database " + database + " cannot be prepared: " + failure.getMessage() + " [" + failure.getSQLState() + "]",
                "Check what the application's user may do there",
                failure));
    }

    private static AnabranchException all(List<AnabranchException> refusals) {
        AnabranchException first = refusals.getFirst();
        if (refusals.size() == 1) {
            return first;
        }
        return new AnabranchException(
                first.code(),
                refusals.size() + " databases: " + refusals.stream().map(AnabranchException::problem).collect(Collectors.joining("; ")),
                refusals.stream().map(AnabranchException::hint).distinct().collect(Collectors.joining(". ")),
                first);
    }
}
