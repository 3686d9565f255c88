// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.store;

import dev.anabranch.directory.server.problem.ProblemCode;
import dev.anabranch.directory.server.problem.ProblemException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

/**
 * The one way to change the meta database: in one transaction it locks the revision, changes, counts the revision up and
 * writes the audit. So changes have one order, whichever node makes them, and none goes without its audit.
 */
@Component
public class Ledger {
    private static final Logger LOG = LoggerFactory.getLogger(Ledger.class);

    private static final String LOCK_TIMEOUT = "5s";
    private static final String STATEMENT_TIMEOUT = "10s";

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final JsonMapper json;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    Ledger(JdbcClient jdbc, TransactionTemplate transaction, JsonMapper json) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.json = json;
    }

    /** The revision that is committed now. */
    public long revision() {
        return version().revision();
    }

    /** The revision that is committed now, with its stamp. */
    public Version version() {
        return jdbc.sql("select revision, stamp from anabranch.meta")
                .query((row, number) -> new Version(row.getLong(1), row.getObject(2, UUID.class)))
                .single();
    }

    /** Runs the listener after each change that this node has committed. */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    /**
     * Makes one change, or tells what it would do.
     *
     * @param body makes the change; for a dry run it is rolled back, so that both go through the same checks
     * @throws ProblemException {@link ProblemCode#REVISION_CONFLICT} where the caller has seen another revision
     */
    public Outcome apply(ChangeRequest request, Supplier<Change> body) {
        Outcome outcome = transaction.execute(status -> {
            // One change that hangs must not hold up the others, here or on another node, for longer than that.
            jdbc.sql("select set_config('lock_timeout', ?, true), set_config('statement_timeout', ?, true)")
                    .params(LOCK_TIMEOUT, STATEMENT_TIMEOUT)
                    .query()
                    .singleRow();
            long revision = jdbc.sql("select revision from anabranch.meta for update")
                    .query(Long.class)
                    .single();
            Long expected = request.expected();
            if (expected != null && expected != revision) {
                throw new ProblemException(
                        ProblemCode.REVISION_CONFLICT,
                        "The topology is at revision " + revision + ", and If-Match asks for " + expected);
            }
            Change change = body.get();
            if (request.dryRun()) {
                status.setRollbackOnly();
                return Outcome.of(revision, true, change);
            }
            if (!change.changed()) {
                return Outcome.of(revision, false, change);
            }
            long next = revision + 1;
            jdbc.sql("update anabranch.meta set revision = ?, stamp = gen_random_uuid()").param(next).update();
            record(request, change, next);
            return Outcome.of(next, false, change);
        });
        if (outcome == null) {
            throw new IllegalStateException("A change has no outcome");
        }
        if (outcome.changed() && !outcome.dryRun()) {
            LOG.info("{} {} by {}: revision {}", outcome.action(), outcome.subject(), request.who(), outcome.revision());
            listeners.forEach(Runnable::run);
        }
        return outcome;
    }

    /**
     * Writes to the audit what is done beside the topology, at the revision that is committed now. For a dry run too:
     * what it does, it does.
     *
     * @param change what is about to be done; whether it has changed anything is not asked
     */
    public void note(ChangeRequest request, Change change) {
        transaction.executeWithoutResult(status -> record(request, change, revision()));
        LOG.info("{} {} by {}", change.action(), change.subject(), request.who());
    }

    private void record(ChangeRequest request, Change change, long revision) {
        Map<String, @Nullable Object> details = new LinkedHashMap<>();
        details.put("before", change.before());
        details.put("after", change.after());
        details.put("effects", change.effects());
        details.put("forced", request.force());
        jdbc.sql("""
                        insert into anabranch.audit (who, who_id, why, action, subject, details, revision)
                        values (?, ?, ?, ?, ?, cast(? as jsonb), ?)
                        """)
                .params(Arrays.asList(
                        request.who(),
                        request.whoId(),
                        request.why(),
                        change.action(),
                        change.subject(),
                        json.writeValueAsString(details),
                        revision))
                .update();
    }
}
