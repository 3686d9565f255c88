// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.hibernate;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.tenant.TenantContext;
import dev.anabranch.tenant.TenantId;
import dev.anabranch.topology.ShardKey;
import java.util.Map;
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
 * <p>It sees what a session flushes, row by row, before the statement is sent. Statements that an application writes
 * itself, in HQL or SQL, it does not see.
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
        if (event.getOldState() != null) {
            check(event.getPersister(), event.getId(), event.getOldState());
        }
        check(event.getPersister(), event.getId(), event.getState());
        return false;
    }

    @Override
    public boolean onPreDelete(PreDeleteEvent event) {
        if (event.getDeletedState() != null) {
            check(event.getPersister(), event.getId(), event.getDeletedState());
        }
        return false;
    }

    @Override
    public boolean onPreUpsert(PreUpsertEvent event) {
        check(event.getPersister(), event.getId(), event.getState());
        return false;
    }

    private void check(EntityPersister persister, @Nullable Object id, Object[] state) {
        ShardKeyPath path = paths.get(persister.getEntityName());
        if (path == null) {
            return;
        }
        TenantId bound = TenantContext.require();
        String attribute = path.attribute();
        Object start = attribute == null ? id : state[persister.getPropertyIndex(attribute)];
        Object value = path.valueIn(start);
        String entity = persister.getEntityName();
        if (value == null || value.toString().isBlank()) {
            throw new AnabranchException(
                    ErrorCode.SHARD_KEY_MISSING,
                    "A row of " + simple(entity) + " has no " + key.column() + ", for tenant '" + bound + "'",
                    "Set " + key.column() + " to the tenant's id before the row is saved");
        }
        if (!isBound(value.toString(), bound)) {
            throw new AnabranchException(
                    ErrorCode.SHARD_KEY_MISMATCH,
                    "A row of " + simple(entity) + " has another " + key.column() + " than tenant '" + bound + "'",
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

    private static String simple(String entity) {
        return entity.substring(entity.lastIndexOf('.') + 1);
    }
}
