// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.hibernate;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.tenant.TenantContext;
import dev.anabranch.tenant.TenantId;
import java.util.Map;
import java.util.Optional;
import org.hibernate.SessionEventListener;
import org.hibernate.engine.spi.SharedSessionContractImplementor;
import org.hibernate.event.spi.EventEngine;
import org.hibernate.event.spi.EventSource;
import org.hibernate.event.spi.EventType;
import org.hibernate.event.spi.LoadEvent;
import org.hibernate.event.spi.LoadEventListener;
import org.hibernate.event.spi.PersistContext;
import org.hibernate.event.spi.PersistEvent;
import org.hibernate.event.spi.PersistEventListener;
import org.hibernate.event.spi.PostLoadEvent;
import org.hibernate.event.spi.PostLoadEventListener;
import org.springframework.util.ConcurrentReferenceHashMap;
import org.springframework.util.ConcurrentReferenceHashMap.ReferenceType;

/**
 * Ties each session to the tenant that its first entity was for, and refuses every other.
 *
 * <p>A session keeps what it has read, and would serve one tenant's row to the next by its id alone. Refused are a load,
 * also one that the session could answer by itself, a persist, and every statement, with it queries and flushes. Code
 * without a tenant is left to the connection, which refuses it a statement. Not seen: several ids looked up at once that
 * are all in the session already.
 */
final class SessionTenants implements LoadEventListener, PostLoadEventListener, PersistEventListener {
    /** Weak, so that a session that nobody closes does not stay. Sessions are equal only to themselves. */
    private final Map<SharedSessionContractImplementor, TenantId> owners =
            new ConcurrentReferenceHashMap<>(64, ReferenceType.WEAK);

    /** Puts the check before what Hibernate itself does. */
    void register(EventEngine events) {
        var listeners = events.getListenerRegistry();
        listeners.prependListeners(EventType.LOAD, this);
        listeners.prependListeners(EventType.POST_LOAD, this);
        listeners.prependListeners(EventType.PERSIST, this);
    }

    @Override
    public void onLoad(LoadEvent event, LoadType type) {
        check(event.getSession());
    }

    @Override
    public void onPostLoad(PostLoadEvent event) {
        check(event.getSession());
    }

    @Override
    public void onPersist(PersistEvent event) {
        check(event.getSession());
    }

    @Override
    public void onPersist(PersistEvent event, PersistContext created) {
        check(event.getSession());
    }

    private void check(EventSource session) {
        Optional<TenantId> bound = TenantContext.current();
        if (bound.isEmpty()) {
            return;
        }
        TenantId owner = owners.get(session);
        if (owner == null) {
            owners.put(session, bound.get());
            session.getEventListenerManager().addListener(new Statements(bound.get()));
        } else {
            refuseAnother(owner);
        }
    }

    private static void refuseAnother(TenantId owner) {
        TenantContext.current().filter(bound -> !bound.equals(owner)).ifPresent(other -> {
            throw new AnabranchException(
                    ErrorCode.TENANT_CONFLICT,
                    "A Hibernate session of tenant '" + owner + "' was used under tenant '" + other + "'",
                    "Open a session, and with it a transaction, inside each tenant's scope");
        });
    }

    /** Sees each statement of one session. */
    private record Statements(TenantId owner) implements SessionEventListener {
        @Override
        public void jdbcPrepareStatementStart() {
            refuseAnother(owner);
        }
    }
}
