// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.topology;

import dev.anabranch.directory.server.problem.ProblemCode;
import dev.anabranch.directory.server.problem.ProblemException;
import dev.anabranch.directory.server.store.Change;
import dev.anabranch.directory.server.store.ChangeRequest;
import dev.anabranch.directory.server.store.DatabaseStore;
import dev.anabranch.directory.server.store.GroupRow;
import dev.anabranch.directory.server.store.GroupStore;
import dev.anabranch.directory.server.store.Ledger;
import dev.anabranch.directory.server.store.Outcome;
import dev.anabranch.directory.server.store.TenantRow;
import dev.anabranch.directory.server.store.TenantStore;
import dev.anabranch.directory.server.store.TopologyStore;
import dev.anabranch.tenant.TenantId;
import dev.anabranch.topology.Bucket;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.GroupSchema;
import dev.anabranch.topology.KeyType;
import dev.anabranch.topology.Placement;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Where tenants are, and the change of it: refused while the tenant has rows that would stay behind. */
@Component
public class Tenants {
    private static final int ATTEMPTS = 3;

    private final Ledger ledger;
    private final Snapshots snapshots;
    private final TenantStore store;
    private final GroupStore groups;
    private final DatabaseStore databases;
    private final TenantRows rows;
    private final SchemaReadiness readiness;

    Tenants(
            Ledger ledger,
            Snapshots snapshots,
            TenantStore store,
            GroupStore groups,
            DatabaseStore databases,
            TenantRows rows,
            SchemaReadiness readiness) {
        this.ledger = ledger;
        this.snapshots = snapshots;
        this.store = store;
        this.groups = groups;
        this.databases = databases;
        this.rows = rows;
        this.readiness = readiness;
    }

    /**
     * Where a tenant is, as it is told.
     *
     * @param group the group
     * @param tenant the id in its canonical form
     * @param database the database
     * @param placement {@code pinned} or {@code hash}
     * @param bucket the tenant's bucket, by which it is placed unless it is pinned
     * @param reason the rule, as a person reads it
     * @param listed whether the group lists it
     * @param revision the revision that says so
     */
    @Schema(name = "Placement")
    public record View(
            @Schema(example = "people") String group,
            @Schema(example = "42") String tenant,
            @Schema(example = "shard-1") String database,
            @Schema(example = "pinned", allowableValues = {"pinned", "hash"}) String placement,
            @Schema(example = "1237") int bucket,
            @Schema(example = "pinned") String reason,
            @Schema(example = "true") boolean listed,
            @Schema(example = "12") long revision) {}

    /** What a change says of a placement before and after it. */
    private record Told(String group, String tenant, String database, String placement, int bucket, boolean listed) {}

    private record Home(Placement placement, int bucket, boolean listed) {
        Told told(String group, TenantId tenant) {
            return new Told(group, tenant.value(), placement.database(), kind(placement), bucket, listed);
        }
    }

    /** Where the tenant is. */
    public View find(String groupName, String tenantText) {
        TopologyStore.Stored stored = snapshots.current();
        Group.Sharded group = sharded(stored, groupName);
        TenantId tenant = tenant(stored, tenantText);
        boolean listed = store.find(groupName, tenant).isPresent();
        if (!listed && group.tenants() == Group.Tenants.LISTED) {
            throw unknown(groupName, tenant, stored.revision());
        }
        KeyType type = stored.shardKey().type();
        Placement placement = group.place(tenant, type);
        return new View(
                groupName,
                tenant.value(),
                placement.database(),
                kind(placement),
                Bucket.of(tenant, type),
                placement.reason(),
                listed,
                stored.revision());
    }

    /** The tenants that a group lists, after one id. */
    public List<TenantRow> page(String group, String after, int limit) {
        sharded(snapshots.current(), group);
        return store.page(group, after, limit);
    }

    /**
     * Lists a tenant.
     *
     * @param database where it is pinned; null where its hash places it
     */
    public Outcome put(String groupName, String tenantText, @Nullable String database, ChangeRequest request) {
        return change(groupName, tenantText, request, (group, tenant, home) -> {
            if (database != null && databases.find(database).isEmpty()) {
                throw Databases.unknown(database);
            }
            Home after = database == null
                    ? new Home(new Placement.Hash(home.bucket, group.buckets().databaseOf(home.bucket)), home.bucket, true)
                    : new Home(new Placement.Pinned(database), home.bucket, true);
            if (!after.equals(home)) {
                store.put(groupName, tenant, database, request.who());
            }
            return after;
        });
    }

    /** Unlists a tenant, which unpins it too. */
    public Outcome delete(String groupName, String tenantText, ChangeRequest request) {
        return change(groupName, tenantText, request, (group, tenant, home) -> {
            store.delete(groupName, tenant);
            return new Home(
                    new Placement.Hash(home.bucket, group.buckets().databaseOf(home.bucket)), home.bucket, false);
        });
    }

    private interface Step {
        Home change(GroupRow.Sharded group, TenantId tenant, Home home);
    }

    private Outcome change(String groupName, String tenantText, ChangeRequest request, Step step) {
        TopologyStore.Stored stored = snapshots.current();
        sharded(stored, groupName);
        TenantId tenant = tenant(stored, tenantText);
        // Looked at before the revision is locked, because a database that hangs must not hold up every change. When
        // the tenant has another home by then, look again there.
        String lookedAt = null;
        String found = "";
        SchemaReadiness.Look arrival = readiness.look();
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Departure departure = new Departure(lookedAt, found);
            try {
                return ledger.apply(request, () -> apply(groupName, tenant, request, step, departure, arrival));
            } catch (Overtaken e) {
                String from = departure.needed;
                if (from != null) {
                    TopologyStore.Stored now = snapshots.current();
                    found = rows.firstTable(snapshots.resolved(now, from), now.shardKey(), tenant).orElse("");
                    lookedAt = from;
                }
                arrival.take();
            }
        }
        throw new ProblemException(
                ProblemCode.REVISION_CONFLICT,
                "The placement of the tenant '" + tenant + "' is being changed by others too");
    }

    /** Which database was looked at for rows, what was found, and which one needs looking at. */
    private static final class Departure {
        private final @Nullable String lookedAt;
        private final String found;
        private @Nullable String needed;

        Departure(@Nullable String lookedAt, String found) {
            this.lookedAt = lookedAt;
            this.found = found;
        }
    }

    private Change apply(
            String groupName,
            TenantId tenant,
            ChangeRequest request,
            Step step,
            Departure departure,
            SchemaReadiness.Look arrival) {
        if (!(groups.find(groupName).orElse(null) instanceof GroupRow.Sharded group)) {
            throw Snapshots.unknownGroup(groupName, ledger.revision(), List.of());
        }
        KeyType type = snapshots.current().shardKey().type();
        Optional<TenantRow> row = store.find(groupName, tenant);
        Map<TenantId, String> pins = row.map(TenantRow::database).map(at -> Map.of(tenant, at)).orElse(Map.of());
        Placement placement =
                new Group.Sharded(groupName, group.buckets(), pins, group.tenants(), group.schema()).place(tenant, type);
        Home before = new Home(placement, Bucket.of(tenant, type), row.isPresent());
        Home after = step.change(group, tenant, before);
        String from = before.placement.database();
        String to = after.placement.database();
        List<String> effects = new ArrayList<>();
        if (!from.equals(to)) {
            boolean mustLook = arrives(group, tenant, to, arrival, request, effects);
            if (request.force()) {
                effects.add(0, "Forced: rows that the tenant has on '" + from + "' stay behind");
            } else if (!from.equals(departure.lookedAt)) {
                departure.needed = from;
                mustLook = true;
            } else if (!departure.found.isEmpty()) {
                throw new ProblemException(
                        ProblemCode.TENANT_HAS_DATA,
                        "The tenant '" + tenant + "' has rows on '" + from + "' (in " + departure.found
                                + "), which would not follow it to '" + to + "'");
            } else {
                effects.add(0, "The tenant has no rows on '" + from + "'");
            }
            if (mustLook) {
                throw new Overtaken();
            }
        }
        String action = after.listed
                ? (after.placement instanceof Placement.Pinned ? "tenant.pin" : "tenant.list")
                : "tenant.unlist";
        return new Change(
                action,
                groupName + "/" + tenant,
                before.listed ? before.told(groupName, tenant) : null,
                after.listed ? after.told(groupName, tenant) : null,
                effects,
                !after.equals(before));
    }

    /** Whether the database that the tenant comes to has to be looked at first. */
    private boolean arrives(
            GroupRow.Sharded group,
            TenantId tenant,
            String to,
            SchemaReadiness.Look arrival,
            ChangeRequest request,
            List<String> effects) {
        GroupSchema schema = group.schema();
        if (schema == null || group.databases().contains(to) || store.isPinnedTo(group.name(), to, tenant)) {
            return false;
        }
        Set<String> used = new LinkedHashSet<>(group.databases());
        used.addAll(store.pinnedTo(group.name()));
        // The tenant's own row is there by now.
        used.remove(to);
        return arrival.isNeededFor(
                new SchemaReadiness.Beginning(group.name(), schema, used, Set.of(to)), request.force(), effects);
    }

    static Group.Sharded sharded(TopologyStore.Stored stored, String name) {
        if (Snapshots.group(stored, name) instanceof Group.Sharded sharded) {
            return sharded;
        }
        throw new ProblemException(
                ProblemCode.GROUP_NOT_SHARDED, "The group '" + name + "' is global: it has no tenants");
    }

    static TenantId tenant(TopologyStore.Stored stored, String text) {
        return stored.shardKey().type().canonical(new TenantId(text));
    }

    static ProblemException unknown(String group, TenantId tenant, long revision) {
        return new ProblemException(
                ProblemCode.TENANT_UNKNOWN,
                "The group '" + group + "' serves listed tenants alone, and '" + tenant + "' is not among them at revision "
                        + revision);
    }

    private static String kind(Placement placement) {
        return switch (placement) {
            case Placement.Pinned pinned -> "pinned";
            case Placement.Hash hash -> "hash";
            case Placement.Whole whole -> "global";
            case Placement.Audience audience -> "audience";
            case Placement.Answered answered -> "router";
        };
    }
}
