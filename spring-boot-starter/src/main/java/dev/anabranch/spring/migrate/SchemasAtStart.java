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
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prepares all databases of the groups when the application starts. One that cannot be reached keeps nobody from starting:
 * it is prepared before its first statement. One that must not be used as it is does, and so does one that answers and
 * lets this process not see.
 */
final class SchemasAtStart implements PreparationAtStart {
    private static final Logger LOG = LoggerFactory.getLogger(SchemasAtStart.class);

    /** PostgreSQL's state, and MariaDB's and MySQL's. */
    private static final String[] TOO_MANY_CONNECTIONS = {"53300", "08004"};

    private final AtStart mode;
    private final boolean askedFor;
    private final GroupMigrations files;

    /**
     * @param askedFor whether somebody has chosen the mode: then there must be migrations
     */
    SchemasAtStart(AtStart mode, boolean askedFor, GroupMigrations files) {
        this.mode = mode;
        this.askedFor = askedFor;
        this.files = files;
    }

    @Override
    public void prepare(Anabranch anabranch) {
        if (mode == AtStart.OFF || !hasFiles(anabranch.topology())) {
            LOG.debug("No schema is looked at: mode {}, migrations {}", mode, locations());
            return;
        }
        List<AnabranchException> refusals = new ArrayList<>();
        Map<String, SQLException> failures = new TreeMap<>(anabranch.prepare());
        long databases = databases(anabranch.topology()).size();
        boolean noneLetsUsIn = failures.values().stream().filter(failure -> says(failure, "28")).count() == databases;
        failures.forEach((database, failure) -> {
            if (says(failure, "28") && !noneLetsUsIn) {
                // One wrong password must not keep the others' tenants from being served; nobody gets a connection there.
                LOG.error("{}", refusal(database, failure).getMessage());
                return;
            }
            if (isDown(failure)) {
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
        List<String> without = new ArrayList<>();
        for (String group : files.groups()) {
            boolean any = false;
            for (String name : topology.group(group).databases()) {
                any |= files.of(group).of(topology.database(name).flavor()).isPresent();
            }
            if (!any) {
                without.add(group);
            }
        }
        boolean found = without.size() < files.groups().size();
        if (found && !without.isEmpty()) {
            // Some have none on purpose; a name that was misspelt looks the same.
            LOG.warn("The groups {} have no migrations: none are at {}", without,
                    without.stream().map(group -> files.of(group).location()).collect(Collectors.joining(", ")));
        }
        if (!found && askedFor) {
            throw new AnabranchException(
                    ErrorCode.MIGRATION_INVALID,
                    "There are no migrations V<number>__name.sql at " + locations() + " (anabranch.migrate.location)",
                    "Correct the location, or set anabranch.migrate.mode to off");
        }
        return found;
    }

    private Set<String> databases(Topology topology) {
        Set<String> names = new TreeSet<>();
        files.groups().forEach(group -> names.addAll(topology.group(group).databases()));
        return names;
    }

    private String locations() {
        return files.groups().stream().map(group -> files.of(group).location()).collect(Collectors.joining(", "));
    }

    /** A server that refuses a login or a right answers the same tomorrow, and one that is full is not down. */
    private boolean isDown(SQLException failure) {
        if (says(failure, "28", "42501") || (mode == AtStart.VERIFY && says(failure, TOO_MANY_CONNECTIONS))) {
            return false;
        }
        return AnabranchException.in(failure)
                .map(e -> e.code() == ErrorCode.DATABASE_UNAVAILABLE)
                .orElseGet(() -> says(failure, "08"));
    }

    /** Whether a failure or what caused it has such a SQLState. */
    private static boolean says(SQLException failure, String... states) {
        Throwable seen = failure;
        // Bounded, because a chain of causes may be a circle.
        for (int depth = 0; seen != null && depth < 32; depth++) {
            if (seen instanceof SQLException e && e.getSQLState() != null) {
                for (String state : states) {
                    if (e.getSQLState().startsWith(state)) {
                        return true;
                    }
                }
            }
            seen = seen.getCause();
        }
        return false;
    }

    private AnabranchException refusal(String database, SQLException failure) {
        Optional<AnabranchException> told = AnabranchException.in(failure);
        if (mode == AtStart.VERIFY && says(failure, "28")) {
            // A server does not tell a role that is missing from a password that is wrong.
            return new AnabranchException(
                    ErrorCode.CONFIGURATION_INVALID,
                    told.map(AnabranchException::problem)
                            .orElseGet(() -> "The database " + database + " refuses the login: " + failure.getMessage()),
                    "If nobody has migrated yet, run 'anabranch migrate apply --service " + String.join("' and '... --service ", files.groups())
                            + "', which makes the application's role; else correct its name and password",
                    failure);
        }
        return told.orElseGet(() -> new AnabranchException(
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
