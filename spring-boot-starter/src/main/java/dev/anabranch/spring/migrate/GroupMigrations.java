// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.migrate;

import dev.anabranch.operations.migration.lint.RefusedRelation;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.routing.RouterChain;
import dev.anabranch.spring.AnabranchProperties;
import dev.anabranch.spring.AnabranchProperties.GroupProperties;
import dev.anabranch.topology.Flavor;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.Topology;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.core.io.support.ResourcePatternResolver;

/** The migrations of each group that the application uses. Immutable. */
record GroupMigrations(Map<String, MigrationFiles> byGroup) {
    GroupMigrations {
        byGroup = Collections.unmodifiableMap(new LinkedHashMap<>(byGroup));
    }

    /** Where the properties say they are: of several groups each has a folder of its own. */
    static GroupMigrations of(ResourcePatternResolver resources, AnabranchProperties properties) {
        String location = properties.migrate().location();
        Map<String, MigrationFiles> files = new LinkedHashMap<>();
        for (String group : properties.groupNames()) {
            GroupProperties own = properties.groups().get(group);
            String place = own == null
                    ? location
                    : own.migrations() == null ? location.replaceFirst("/+$", "") + "/" + group : own.migrations();
            files.put(group, new MigrationFiles(resources, place));
        }
        return new GroupMigrations(files);
    }

    /** The groups, in their order. */
    List<String> groups() {
        return List.copyOf(byGroup.keySet());
    }

    /** The migrations of one group. */
    MigrationFiles of(String group) {
        MigrationFiles files = byGroup.get(group);
        if (files == null) {
            throw new AnabranchException(
                    ErrorCode.GROUP_UNKNOWN,
                    "There are no migrations of the group '" + group + "'",
                    "Use one of " + byGroup.keySet());
        }
        return files;
    }

    /**
     * Refuses files with a foreign key into another database.
     *
     * @throws AnabranchException {@link ErrorCode#RELATION_REFUSED} naming both ends of each
     */
    void refuseForeignKeys(Topology topology, RouterChain routers) {
        byGroup.forEach((name, files) -> {
            Group group = topology.group(name);
            Set<Flavor> flavors = EnumSet.noneOf(Flavor.class);
            group.databases().forEach(database -> flavors.add(topology.database(database).flavor()));
            for (Flavor flavor : flavors) {
                files.of(flavor).ifPresent(set -> RefusedRelation.refuse(set, group, topology, routers));
            }
        });
    }
}
