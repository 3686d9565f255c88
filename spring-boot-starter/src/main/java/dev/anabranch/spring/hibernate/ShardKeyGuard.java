// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.hibernate;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.tenant.TenantContext;
import dev.anabranch.tenant.TenantId;
import dev.anabranch.topology.ShardKey;
import java.util.Map;
import java.util.Objects;
import org.hibernate.engine.spi.EntityEntry;
import org.hibernate.event.spi.PreDeleteEvent;
import org.hibernate.event.spi.PreDeleteEventListener;
import org.hibernate.event.spi.PreInsertEvent;
import org.hibernate.event.spi.PreInsertEventListener;
import org.hibernate.event.spi.PreUpdateEvent;
import org.hibernate.event.spi.PreUpdateEventListener;
import org.hibernate.event.spi.PreUpsertEvent;
import org.hibernate.event.spi.PreUpsertEventListener;
import org.hibernate.persister.entity.EntityPersister;
import org.jspecify.annotations.Nullable;

/**
 * Refuses to write an entity whose shard key is not the bound tenant's.
 *
 * <p>It sees what a session flushes, row by row, before the statement is sent, and compares the row as it was read as
 * well as the one that is to be written. A stateless session has read nothing: there, updates and deletes pass only
 * where the key is part of the id, and with it of the statement. Statements that an application writes itself, in HQL or
 * SQL, it does not see.
 */
final class ShardKeyGuard
        implements PreInsertEventListener, PreUpdateEventListener, PreDeleteEventListener, PreUpsertEventListener {
    private final ShardKey key;
    private final Map<String, ShardKeyPath> paths;

    /**
     * @param key the column
     * @param paths by entity name; an entity that is not in it is not guarded
     */
    ShardKeyGuard(ShardKey key, Map<String, ShardKeyPath> paths) {
        this.key = key;
        this.paths = Map.copyOf(paths);
    }

    @Override
    public boolean onPreInsert(PreInsertEvent event) {
        check(event.getPersister(), event.getId(), event.getState());
        return false;
    }

    @Override
    public boolean onPreUpdate(PreUpdateEvent event) {
        // The state before first: a row of another tenant must not be taken over either.
        check(event.getPersister(), event.getId(), event.getOldState());
        check(event.getPersister(), event.getId(), event.getState());
        return false;
    }

    @Override
    public boolean onPreDelete(PreDeleteEvent event) {
        check(event.getPersister(), event.getId(), stateBefore(event));
        return false;
    }

    /** What is there before is known to the database alone, and another tenant may write it until the statement. */
    @Override
    public boolean onPreUpsert(PreUpsertEvent event) {
        check(event.getPersister(), event.getId(), null);
        return false;
    }

    /** The row as the database has it, or null where it was never read. */
    private static Object @Nullable [] stateBefore(PreDeleteEvent event) {
        Object[] deleted = event.getDeletedState();
        if (deleted == null) {
            return null;
        }
        EntityEntry entry = event.getSession().getPersistenceContextInternal().getEntry(event.getEntity());
        // Of a read-only entity Hibernate keeps no loaded state, and gives what the object says now.
        return entry != null && entry.getLoadedState() == null
                ? event.getPersister().getDatabaseSnapshot(event.getId(), event.getSession())
                : deleted;
    }

    /**
     * @param state the row's state; null where it is not known, which is enough only for a key that is part of the id
     */
    private void check(EntityPersister persister, @Nullable Object id, Object @Nullable [] state) {
        ShardKeyPath path = paths.get(persister.getEntityName());
        if (path == null) {
            return;
        }
        TenantId bound = TenantContext.require();
        String attribute = path.attribute();
        if (attribute != null && state == null) {
            throw new AnabranchException(
                    ErrorCode.SHARD_KEY_MISMATCH,
                    "A row of " + simple(persister) + " is to be written that was never read, and its " + key.column()
                            + " in the database may be another than tenant '" + bound + "'",
                    "Load the row in a session that is not stateless before it is changed, or make " + key.column()
                            + " part of the entity's id");
        }
        Object start = attribute == null ? id : Objects.requireNonNull(state)[persister.getPropertyIndex(attribute)];
        Object value = path.valueIn(start);
        if (value == null || value.toString().isBlank()) {
            throw new AnabranchException(
                    ErrorCode.SHARD_KEY_MISSING,
                    "A row of " + simple(persister) + " has no " + key.column() + ", for tenant '" + bound + "'",
                    "Set " + key.column() + " to the tenant's id before the row is saved");
        }
        if (!isBound(value.toString(), bound)) {
            throw new AnabranchException(
                    ErrorCode.SHARD_KEY_MISMATCH,
                    "A row of " + simple(persister) + " has another " + key.column() + " than tenant '" + bound + "'",
                    "Save each row for the tenant whose id it carries; to move a row, write it anew for the other tenant");
        }
    }

    private boolean isBound(String value, TenantId bound) {
        if (value.equals(bound.value())) {
            return true;
        }
        try {
            return key.type().canonical(new TenantId(value)).equals(bound);
        } catch (AnabranchException e) {
            return false;
        }
    }

    private static String simple(EntityPersister persister) {
        String entity = persister.getEntityName();
        return entity.substring(entity.lastIndexOf('.') + 1);
    }
}
