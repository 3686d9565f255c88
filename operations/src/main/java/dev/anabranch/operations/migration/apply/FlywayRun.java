// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.apply;

import dev.anabranch.operations.migration.files.MigrationFile;
import dev.anabranch.operations.migration.files.MigrationSet;
import dev.anabranch.problem.AnabranchException;
import java.io.Reader;
import java.io.StringReader;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.flywaydb.core.api.CoreErrorCode;
import org.flywaydb.core.api.ErrorDetails;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.ResourceProvider;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;
import org.flywaydb.core.api.exception.FlywayBlockStatementExecutionException;
import org.flywaydb.core.api.resource.LoadableResource;
import org.jspecify.annotations.Nullable;

/** One call of Flyway's migrate on one session. It runs the files as they were read, and reads nothing by itself. */
final class FlywayRun implements Callback, ResourceProvider {
    private static final String CONFIGURATION = ".conf";

    private final MigrationSession session;
    private final Target target;
    private final MigrationSet set;
    private final MigrationSettings settings;
    private final MigrationListener listener;
    private final OnlineRepair repair;
    private final SchemaRoles roles;
    private final Map<String, MigrationFile> files = new HashMap<>();
    private final Map<String, FileRules> rules = new HashMap<>();
    private final List<MigrationFile> applied = new ArrayList<>();
    private boolean protectHistory;
    private @Nullable MigrationFile running;
    private long began;

    /**
     * @param pending the files that are still to be applied
     * @param protectHistory whether the application may still write the history table, which Flyway has made
     */
    FlywayRun(
            MigrationSession session,
            Target target,
            MigrationSet set,
            MigrationSettings settings,
            MigrationListener listener,
            List<MigrationFile> pending,
            boolean protectHistory) {
        this.session = session;
        this.target = target;
        this.set = set;
        this.settings = settings;
        this.listener = listener;
        this.protectHistory = protectHistory;
        this.repair = new OnlineRepair(session, target, settings);
        this.roles = new SchemaRoles(session, target, listener);
        set.files().forEach(file -> files.put(file.fileName(), file));
        if (session.isPostgres()) {
            pending.forEach(file -> rules.put(file.fileName(), FileRules.of(target, file)));
        }
    }

    /**
     * Applies what is pending.
     *
     * @throws FlywayException where a statement failed; {@link #failure} says it in our words
     */
    void migrate() {
        FlywayPool.migrate(session, target, this);
        finished();
    }

    /** Those that were applied and recorded. */
    List<MigrationFile> applied() {
        return applied;
    }

    /** The failure in our words. */
    AnabranchException failure(FlywayException e) {
        MigrationFile file = running;
        return MigrationErrors.of(target, session.endpoint(), file, file != null && isOnline(file), e);
    }

    private boolean isOnline(MigrationFile file) {
        FileRules found = rules.get(file.fileName());
        return found != null && found.online();
    }

    @Override
    public String getCallbackName() {
        return "anabranch";
    }

    @Override
    public boolean supports(Event event, @Nullable Context context) {
        return event == Event.BEFORE_EACH_MIGRATE || event == Event.BEFORE_EACH_MIGRATE_STATEMENT;
    }

    @Override
    public boolean canHandleInTransaction(Event event, Context context) {
        return true;
    }

    @Override
    public void handle(Event event, Context context) {
        try {
            if (event == Event.BEFORE_EACH_MIGRATE) {
                finished();
                MigrationFile file = files.get(context.getMigrationInfo().getScript());
                if (file != null) {
                    running = file;
                    began = System.nanoTime();
                    listener.applying(file);
                    begin(file);
                }
            } else {
                statement(context.getStatement().getSql());
            }
        } catch (SQLException e) {
            throw new FlywayException(e.getMessage(), e);
        }
    }

    private void begin(MigrationFile file) throws SQLException {
        FileRules found = rules.get(file.fileName());
        if (found == null) {
            return;
        }
        session.execute(session.renewal()
                + (found.online() ? "" : "; SET LOCAL lock_timeout = " + settings.lockTimeout().toMillis()));
        if (protectHistory) {
            roles.protectHistory();
            protectHistory = false;
        }
        if (found.online()) {
            repair.begin(file, found);
        }
    }

    private void statement(String sql) throws SQLException {
        MigrationFile file = running;
        if (file == null || !isOnline(file)) {
            return;
        }
        if (repair.isDone(sql)) {
            throw new FlywayBlockStatementExecutionException(
                    new ErrorDetails(CoreErrorCode.FAULT, "It was done before the file broke off"), sql);
        }
        // What builds an index waits for transactions that are older by way of their locks, and must be let wait.
        session.execute(
                "SET lock_timeout = " + (FileRules.waits(sql) ? 0 : settings.lockTimeout().toMillis()));
    }

    /** The file before is in the history when the next begins, or when Flyway is done. */
    private void finished() {
        MigrationFile file = running;
        if (file != null) {
            running = null;
            applied.add(file);
            listener.applied(file, Duration.ofNanos(System.nanoTime() - began));
        }
    }

    @Override
    public @Nullable LoadableResource getResource(String name) {
        if (!name.endsWith(CONFIGURATION)) {
            MigrationFile file = files.get(name);
            return file == null ? null : new Text(name, file.sql(), set.origin());
        }
        FileRules found = rules.get(name.substring(0, name.length() - CONFIGURATION.length()));
        return found == null ? null : new Text(name, "executeInTransaction=" + !found.online() + "\n", set.origin());
    }

    @Override
    public Collection<LoadableResource> getResources(String prefix, String[] suffixes) {
        return files.values().stream()
                .filter(file -> file.fileName().startsWith(prefix)
                        && Arrays.stream(suffixes).anyMatch(file.fileName()::endsWith))
                .<LoadableResource>map(file -> new Text(file.fileName(), file.sql(), set.origin()))
                .toList();
    }

    /** A file's text, as it was read. */
    private static final class Text extends LoadableResource {
        private final String name;
        private final String text;
        private final String origin;

        Text(String name, String text, String origin) {
            this.name = name;
            this.text = text;
            this.origin = origin;
        }

        @Override
        public Reader read() {
            return new StringReader(text);
        }

        @Override
        public String getAbsolutePath() {
            return origin + "/" + name;
        }

        @Override
        public String getAbsolutePathOnDisk() {
            return getAbsolutePath();
        }

        @Override
        public String getFilename() {
            return name;
        }

        @Override
        public String getRelativePath() {
            return name;
        }
    }
}
