// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.topology;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.anabranch.directory.server.problem.ProblemCode;
import dev.anabranch.directory.server.problem.ProblemException;
import dev.anabranch.directory.server.store.TenantStore;
import dev.anabranch.directory.server.store.TopologyStore;
import dev.anabranch.tenant.TenantId;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.GroupSchema;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** A tenant's database with its credential: for programs in any language, which open the connection themselves. */
@Component
public class Addresses {
    private final Snapshots snapshots;
    private final TenantStore tenants;

    Addresses(Snapshots snapshots, TenantStore tenants) {
        this.snapshots = snapshots;
        this.tenants = tenants;
    }

    /**
     * Where to connect, and as whom.
     *
     * @param host a name or an address
     * @param port the port
     * @param flavor {@code postgres}, {@code mysql} or {@code mariadb}
     * @param user whom to log in as
     * @param password the password, in the clear
     * @param database the database's name on the server
     * @param name the database's name in the topology
     * @param group the group
     * @param schema the schema that the group owns there; absent where its tables are in the default one
     * @param revision the revision that says so
     */
    @Schema(name = "Address")
    public record View(
            @Schema(example = "db1.internal") String host,
            @Schema(example = "5432") int port,
            @Schema(example = "postgres") String flavor,
            @Schema(example = "app") String user,
            @Schema(example = "…") String password,
            @Schema(example = "app") String database,
            @Schema(example = "shard-1") String name,
            @Schema(example = "people") String group,
            @Nullable @JsonInclude(JsonInclude.Include.NON_NULL) @Schema(example = "people") String schema,
            @Schema(example = "12") long revision) {
        @Override
        public String toString() {
            return "Address[" + name + "]";
        }
    }

    /**
     * The address for a tenant.
     *
     * @param groupName the group; the only sharded one where none is named
     */
    public View find(@Nullable String groupName, String tenantText) {
        TopologyStore.Stored stored = snapshots.current();
        Group group = groupName == null ? onlySharded(stored) : Snapshots.group(stored, groupName);
        TenantId tenant = Tenants.tenant(stored, tenantText);
        String name =
                switch (group) {
                    case Group.Sharded sharded -> {
                        if (sharded.tenants() == Group.Tenants.LISTED
                                && tenants.find(sharded.name(), tenant).isEmpty()) {
                            throw Tenants.unknown(sharded.name(), tenant, stored.revision());
                        }
                        yield sharded.place(tenant, stored.shardKey().type()).database();
                    }
                    case Group.Global global -> global.database();
                };
        Database at = snapshots.resolved(stored, name);
        return new View(
                at.primary().host(),
                at.primary().port(),
                at.flavor().id(),
                at.primary().user(),
                at.primary().password().reveal(),
                at.primary().database(),
                name,
                group.name(),
                group.schema().map(GroupSchema::name).orElse(null),
                stored.revision());
    }

    private static Group onlySharded(TopologyStore.Stored stored) {
        List<Group> sharded = stored.groups().values().stream()
                .filter(Group.Sharded.class::isInstance)
                .toList();
        if (sharded.size() == 1) {
            return sharded.getFirst();
        }
        List<String> names = stored.groups().values().stream().map(Group::name).toList();
        throw new ProblemException(
                ProblemCode.GROUP_NEEDED,
                "There are " + sharded.size() + " sharded groups, so the group must be named; groups: " + names,
                List.of(
                        names.isEmpty()
                                ? "Add a group with PUT /v1/groups/{name}"
                                : "Add the parameter group, one of " + names));
    }
}
