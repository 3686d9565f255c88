// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.hibernate;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.topology.Flavor;
import dev.anabranch.topology.Topology;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.hibernate.cfg.AvailableSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one flavor of a group's databases, for which Hibernate writes its SQL. */
final class GroupFlavor {
    private static final Logger LOG = LoggerFactory.getLogger(GroupFlavor.class);

    private final String group;
    private final Flavor flavor;

    private GroupFlavor(String group, Flavor flavor) {
        this.group = group;
        this.flavor = flavor;
    }

    /**
     * The flavor that all databases of the group have.
     *
     * @throws AnabranchException {@link ErrorCode#CONFIGURATION_INVALID} where they have several
     */
    static GroupFlavor of(Topology topology, String group) {
        Map<String, List<String>> databases = new TreeMap<>();
        Set<Flavor> flavors = EnumSet.noneOf(Flavor.class);
        for (String name : topology.group(group).databases()) {
            Flavor flavor = topology.database(name).flavor();
            flavors.add(flavor);
            databases.computeIfAbsent(flavor.id(), id -> new ArrayList<>()).add(name);
        }
        if (databases.size() != 1) {
            throw new AnabranchException(
                    ErrorCode.CONFIGURATION_INVALID,
                    "The group '" + group + "' mixes flavors " + databases
                            + ", and JPA writes the SQL of one dialect for all of them",
                    "Give the group databases of one flavor, or use it through plain JDBC without JPA");
        }
        return new GroupFlavor(group, flavors.iterator().next());
    }

    /**
     * The flavor that all databases of the group have now, and a check of each topology that comes after.
     *
     * @param topology the topology as it is known now
     * @param changes takes a listener for each topology that replaces another
     * @throws AnabranchException {@link ErrorCode#CONFIGURATION_INVALID} where they have several
     */
    static GroupFlavor follow(Supplier<Topology> topology, Consumer<Consumer<Topology>> changes, String group) {
        Topology first = topology.get();
        GroupFlavor flavor = of(first, group);
        changes.accept(flavor::check);
        // A change may have come before there was anybody to be told.
        Topology now = topology.get();
        if (now.revision() != first.revision()) {
            flavor.check(now);
        }
        return flavor;
    }

    /** What Hibernate would otherwise ask the database: its name, and the oldest version that is supported. */
    Map<String, Object> hibernateSettings() {
        return switch (flavor) {
            case POSTGRES -> database("PostgreSQL", 15, 0);
            case MYSQL -> database("MySQL", 8, 4);
            case MARIADB -> database("MariaDB", 10, 11);
        };
    }

    private static Map<String, Object> database(String product, int major, int minor) {
        return Map.of(
                AvailableSettings.JAKARTA_HBM2DDL_DB_NAME, product,
                // As text: that is how Hibernate's validation casts them.
                AvailableSettings.JAKARTA_HBM2DDL_DB_MAJOR_VERSION, Integer.toString(major),
                AvailableSettings.JAKARTA_HBM2DDL_DB_MINOR_VERSION, Integer.toString(minor));
    }

    /** Says loudly which databases of a changed topology this application's SQL is not written for. */
    void check(Topology changed) {
        List<String> foreign = changed.group(group).databases().stream()
                .filter(name -> changed.database(name).flavor() != flavor)
                .toList();
        if (!foreign.isEmpty()) {
            LOG.error(
                    "Revision {} gives the group '{}' the databases {}, which are not {} as its others: JPA's statements"
                            + " will fail there. Take them out of the group; until then this application should be"
                            + " neither restarted nor sent tenants that are on them.",
                    changed.revision(), group, foreign, flavor.id());
        }
    }
}
