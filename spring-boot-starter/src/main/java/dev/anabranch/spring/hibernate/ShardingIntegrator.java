// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.hibernate;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.topology.ShardKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hibernate.SessionFactory;
import org.hibernate.SessionFactoryObserver;
import org.hibernate.boot.Metadata;
import org.hibernate.boot.spi.BootstrapContext;
import org.hibernate.boot.spi.SessionFactoryOptions;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.event.spi.EventEngine;
import org.hibernate.event.spi.EventType;
import org.hibernate.generator.Generator;
import org.hibernate.id.IncrementGenerator;
import org.hibernate.id.enhanced.SequenceStyleGenerator;
import org.hibernate.id.enhanced.TableGenerator;
import org.hibernate.integrator.spi.Integrator;
import org.hibernate.mapping.PersistentClass;

/**
 * Checks the mapping of a sharded group when Hibernate starts, and registers the guards of shard key and session.
 *
 * <p>Refused is what works with one database and mixes tenants up with many: an entity without the shard key, a block of
 * ids taken from one shard's sequence and used on another, a cache whose keys do not know the tenant.
 */
final class ShardingIntegrator implements Integrator {
    private final ShardKey key;
    private final Set<String> withoutShardKey;

    /**
     * @param key the shard key
     * @param withoutShardKey class names of entities that may lack it
     */
    ShardingIntegrator(ShardKey key, Set<String> withoutShardKey) {
        this.key = key;
        this.withoutShardKey = Set.copyOf(withoutShardKey);
    }

    @Override
    public void integrate(Metadata metadata, BootstrapContext context, SessionFactoryImplementor factory) {
        refuseCaches(factory.getSessionFactoryOptions());
        Map<String, ShardKeyPath> paths = new HashMap<>();
        List<String> unkeyed = new ArrayList<>();
        List<String> associated = new ArrayList<>();
        for (PersistentClass entity : metadata.getEntityBindings()) {
            ShardKeyPath.of(entity, key.column())
                    .ifPresentOrElse(path -> paths.put(entity.getEntityName(), path), () -> {
                        if (ShardKeyPath.isAssociation(entity, key.column())) {
                            associated.add(entity.getEntityName());
                        } else if (!mayLackShardKey(entity)) {
                            unkeyed.add(entity.getEntityName());
                        }
                    });
        }
        if (!associated.isEmpty()) {
            associated.sort(null);
            throw invalid(
                    "The entities " + associated + " map the shard key's column " + key.column()
                            + " as an association (@ManyToOne or @OneToOne), and only a basic attribute is supported, in"
                            + " the entity, in an @Embedded value or in an @EmbeddedId",
                    "Map the column to a basic attribute besides, and let the association only read it, with"
                            + " @JoinColumn(insertable = false, updatable = false)");
        }
        if (!unkeyed.isEmpty()) {
            unkeyed.sort(null);
            throw invalid(
                    "The entities " + unkeyed + " do not map the shard key's column " + key.column()
                            + " to an attribute that is inserted, and their group is sharded",
                    "Map the column, set SHARDING_IDENTIFIER_FIELD to the column's name, or mark an entity that belongs to"
                            + " no tenant with @NoShardKey");
        }
        // Generators are there only when the factory is complete.
        factory.addObserver(new SessionFactoryObserver() {
            @Override
            public void sessionFactoryCreated(SessionFactory created) {
                metadata.getEntityBindings().forEach(entity -> refuseBlocks(entity, factory));
            }
        });
        register(new ShardKeyGuard(key, paths), factory.getEventEngine());
        new SessionTenants().register(factory.getEventEngine());
    }

    private boolean mayLackShardKey(PersistentClass entity) {
        return withoutShardKey.contains(entity.getClassName())
                || (entity.hasPojoRepresentation() && entity.getMappedClass().isAnnotationPresent(NoShardKey.class));
    }

    private static void refuseCaches(SessionFactoryOptions options) {
        if (options.isQueryCacheEnabled()) {
            throw invalid(
                    "Hibernate's query cache is on, and its keys do not know the tenant",
                    "Set hibernate.cache.use_query_cache to false");
        }
        // On by default where a cache provider is on the class path.
        if (options.isSecondLevelCacheEnabled()) {
            throw invalid(
                    "Hibernate's second-level cache is on, and its keys do not know the tenant",
                    "Set hibernate.cache.use_second_level_cache to false");
        }
    }

    private static void refuseBlocks(PersistentClass entity, SessionFactoryImplementor factory) {
        Generator generator = factory.getMappingMetamodel()
                .getEntityDescriptor(entity.getEntityName())
                .getGenerator();
        int block = switch (generator) {
            case SequenceStyleGenerator sequence -> sequence.getOptimizer().getIncrementSize();
            case TableGenerator table -> table.getIncrementSize();
            // It reads the greatest id once, from whichever database comes first.
            case IncrementGenerator increment -> Integer.MAX_VALUE;
            case null, default -> 1;
        };
        if (block > 1) {
            throw invalid(
                    "The ids of " + entity.getEntityName()
                            + " are taken from a database in blocks and kept in memory, so that a block of one shard"
                            + " would be used up on another",
                    "Use GenerationType.IDENTITY or GenerationType.UUID, or a generator with allocationSize = 1");
        }
    }

    private static void register(ShardKeyGuard guard, EventEngine events) {
        var listeners = events.getListenerRegistry();
        listeners.appendListeners(EventType.PRE_INSERT, guard);
        listeners.appendListeners(EventType.PRE_UPDATE, guard);
        listeners.appendListeners(EventType.PRE_DELETE, guard);
        listeners.appendListeners(EventType.PRE_UPSERT, guard);
    }

    private static AnabranchException invalid(String problem, String hint) {
        return new AnabranchException(ErrorCode.CONFIGURATION_INVALID, problem, hint);
    }
}
