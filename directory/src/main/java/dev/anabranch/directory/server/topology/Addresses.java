// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.topology;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.anabranch.directory.server.problem.ProblemCode;
import dev.anabranch.directory.server.problem.ProblemException;
import dev.anabranch.directory.server.store.TenantStore;
import dev.anabranch.directory.server.store.TopologyStore;
import dev.anabranch.tenant.TenantId;
import dev.anabranch.topology.Audience;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Endpoint;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.GroupSchema;
import dev.anabranch.topology.Replica;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Comparator;
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
     * @param replicas for reads: the servers that may answer beside it; absent for writes
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
            @Schema(example = "12") long revision,
            @Nullable
                    @JsonInclude(JsonInclude.Include.NON_NULL)
                    @Schema(description = "For reads: servers that follow the database and may answer")
                    List<Follower> replicas) {
        View with(List<Follower> follow) {
            return new View(host, port, flavor, user, password, database, name, group, schema, revision, follow);
        }

        @Override
        public String toString() {
            return "Address[" + name + "]";
        }
    }

    /**
     * A server that follows a database.
     *
     * @param name the replica's name in the topology
     * @param host a name or an address
     * @param port the port
     * @param user whom to log in as
     * @param password the password, in the clear
     * @param database the database's name on the server
     * @param weight its share of the reads
     * @param audiences whom it serves and nobody else
     */
    @Schema(name = "AddressOfReplica")
    public record Follower(
            @Schema(example = "reviews-replica-1") String name,
            @Schema(example = "db3b.internal") String host,
            @Schema(example = "5432") int port,
            @Schema(example = "reader") String user,
            @Schema(example = "…") String password,
            @Schema(example = "app") String database,
            @Schema(example = "1") int weight,
            @Schema(example = "[]") List<String> audiences) {
        static Follower of(Replica replica) {
            Endpoint at = replica.endpoint();
            return new Follower(
                    replica.name(),
                    at.host(),
                    at.port(),
                    at.user(),
                    at.password().reveal(),
                    at.database(),
                    replica.weight(),
                    List.copyOf(replica.audiences()));
        }

        @Override
        public String toString() {
            return "AddressOfReplica[" + name + "]";
        }
    }

    /**
     * Where a tenant's writes go.
     *
     * @param groupName the group; the only sharded one where none is named
     * @param audience who asks; null where nobody has said
     */
    public View write(@Nullable String groupName, String tenantText, @Nullable String audience) {
        TopologyStore.Stored stored = snapshots.current();
        if (audience != null && known(stored, audience).readOnly()) {
            throw new ProblemException(ProblemCode.READ_ONLY, "The audience '" + audience + "' only reads");
        }
        return find(stored, groupName, tenantText, audience);
    }

    /**
     * Where a tenant's reads go: the primary, and the replicas beside it. An audience that replicas are kept for gets these
     * alone, and the one with the most weight in the primary's place.
     *
     * @param groupName the group; the only sharded one where none is named
     * @param audience who asks; null where nobody has said
     */
    public View read(@Nullable String groupName, String tenantText, @Nullable String audience) {
        TopologyStore.Stored stored = snapshots.current();
        if (audience != null) {
            known(stored, audience);
        }
        View primary = find(stored, groupName, tenantText, audience);
        boolean kept = audience != null
                && stored.replicasOf(primary.name()).stream().anyMatch(row -> row.audiences().contains(audience));
        List<Follower> replicas = snapshots.resolvedReplicas(stored, primary.name()).stream()
                .filter(replica -> kept
                        ? replica.audiences().contains(audience)
                        : replica.audiences().isEmpty())
                .map(Follower::of)
                .toList();
        if (!kept) {
            return primary.with(replicas);
        }
        Follower first = replicas.stream()
                .max(Comparator.comparingInt(Follower::weight))
                .orElseThrow(() -> new ProblemException(
                        ProblemCode.CREDENTIAL_UNRESOLVED,
                        "No credential of the replicas of '" + primary.name() + "' that are kept for the audience '"
                                + audience + "' can be resolved on this node"));
        return new View(
                first.host(),
                first.port(),
                primary.flavor(),
                first.user(),
                first.password(),
                first.database(),
                first.name(),
                primary.group(),
                primary.schema(),
                primary.revision(),
                replicas);
    }

    private static Audience known(TopologyStore.Stored stored, String audience) {
        Audience told = stored.audiences().get(audience);
        boolean named = stored.replicas().stream().anyMatch(row -> row.audiences().contains(audience))
                || stored.groups().values().stream()
                        .anyMatch(group -> group instanceof Group.Global global
                                && global.routes().containsKey(audience));
        if (told == null && !named) {
            throw new ProblemException(
                    ProblemCode.AUDIENCE_UNKNOWN,
                    "There is no audience '" + audience + "' at revision " + stored.revision());
        }
        return told == null ? new Audience(audience, false) : told;
    }

    private View find(
            TopologyStore.Stored stored, @Nullable String groupName, String tenantText, @Nullable String audience) {
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
                    case Group.Global global -> global.databaseFor(audience);
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
                stored.revision(),
                null);
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
