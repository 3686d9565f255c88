// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.hibernate;

import dev.anabranch.Anabranch;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.Topology;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hibernate.cfg.AvailableSettings;
import org.hibernate.integrator.spi.Integrator;
import org.hibernate.jpa.boot.spi.IntegratorProvider;
import org.hibernate.jpa.boot.spi.JpaSettings;
import org.jspecify.annotations.Nullable;

/** What Hibernate must know of the one group whose entities it maps. */
public final class GroupMapping {
    private static final Set<String> NO_DDL = Set.of("none", "false", "");
    /** A global group has one database and needs no tenant: Hibernate may look there whether the entities fit. */
    private static final Set<String> READ_ONLY = Set.of("none", "false", "", "validate");

    private GroupMapping() {}

    /**
     * Adds to Hibernate's settings what a group needs: the dialect, no question to a database, the guards.
     *
     * @param hibernate the settings, which are changed
     * @param withoutShardKey class names of entities that may lack the shard key
     * @throws AnabranchException {@link ErrorCode#CONFIGURATION_INVALID} where Hibernate is to change a schema, or the group
     *     mixes flavors
     */
    public static void customize(
            Map<String, Object> hibernate, Anabranch anabranch, String group, Collection<String> withoutShardKey) {
        Topology topology = anabranch.topology();
        GroupFlavor flavor = GroupFlavor.follow(anabranch::topology, anabranch::onChange, group);
        flavor.hibernateSettings().forEach(hibernate::putIfAbsent);
        // Asking a database what it is takes a connection, and the one asked may be down.
        hibernate.put("hibernate.boot.allow_jdbc_metadata_access", "false");
        Set<String> harmless = topology.group(group) instanceof Group.Global ? READ_ONLY : NO_DDL;
        refuseDdl(hibernate, AvailableSettings.HBM2DDL_AUTO, harmless);
        refuseDdl(hibernate, AvailableSettings.JAKARTA_HBM2DDL_DATABASE_ACTION, harmless);
        if (topology.group(group) instanceof Group.Sharded) {
            Integrator integrator = new ShardingIntegrator(topology.shardKey(), Set.copyOf(withoutShardKey));
            Object earlier = hibernate.get(JpaSettings.INTEGRATOR_PROVIDER);
            hibernate.put(JpaSettings.INTEGRATOR_PROVIDER, (IntegratorProvider) () -> both(earlier, integrator));
        }
    }

    private static List<Integrator> both(@Nullable Object earlier, Integrator integrator) {
        List<Integrator> all = new ArrayList<>();
        if (earlier instanceof IntegratorProvider provider) {
            all.addAll(provider.getIntegrators());
        }
        all.add(integrator);
        return all;
    }

    private static void refuseDdl(Map<String, Object> hibernate, String setting, Set<String> harmless) {
        Object action = hibernate.get(setting);
        if (action != null && !harmless.contains(action.toString())) {
            throw new AnabranchException(
                    ErrorCode.CONFIGURATION_INVALID,
                    "Hibernate is to touch the schema at start (" + setting + "=" + action
                            + "), and would do so on one database of many",
                    "Set spring.jpa.hibernate.ddl-auto to none, and change schemas by migrations or a DatabasePreparation");
        }
    }
}
