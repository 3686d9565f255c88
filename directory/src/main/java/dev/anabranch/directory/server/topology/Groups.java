// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.topology;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.anabranch.directory.server.problem.ProblemCode;
import dev.anabranch.directory.server.problem.ProblemException;
import dev.anabranch.directory.server.store.Change;
import dev.anabranch.directory.server.store.ChangeRequest;
import dev.anabranch.directory.server.store.DatabaseStore;
import dev.anabranch.directory.server.store.GroupRow;
import dev.anabranch.directory.server.store.GroupStore;
import dev.anabranch.directory.server.store.Ledger;
import dev.anabranch.directory.server.store.Outcome;
import dev.anabranch.directory.server.store.TenantStore;
import dev.anabranch.topology.Bucket;
import dev.anabranch.topology.BucketMap;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.GroupSchema;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The groups; a change that gives buckets to another database is refused, because rows do not follow it. */
@Component
public class Groups {
    private static final int ATTEMPTS = 3;

    private final Ledger ledger;
    private final GroupStore store;
    private final DatabaseStore databases;
    private final TenantStore tenants;
    private final SchemaReadiness readiness;

    Groups(
            Ledger ledger,
            GroupStore store,
            DatabaseStore databases,
            TenantStore tenants,
            SchemaReadiness readiness) {
        this.ledger = ledger;
        this.store = store;
        this.databases = databases;
        this.tenants = tenants;
        this.readiness = readiness;
    }

    /**
     * What is given for a group.
     *
     * @param kind {@code sharded} or {@code global}
     * @param hash for a sharded group: the databases that share the buckets evenly, in this order
     * @param tenants for a sharded group: {@code any} or {@code listed}
     * @param database for a global group: the database
     * @param audiences for a global group: the databases that answer some audiences instead; where it is absent, those
     *     that are stored stay
     * @param schema the schema that it owns; where it is absent, the one that is stored stays
     */
    @Schema(name = "GroupBody")
    public record Body(
            @Nullable @Schema(example = "sharded", allowableValues = {"sharded", "global"}) String kind,
            @Nullable @Schema(example = "[\"shard-1\",\"shard-2\"]") List<String> hash,
            @Nullable @Schema(example = "any", allowableValues = {"any", "listed"}) String tenants,
            @Nullable @Schema(example = "shard-1", description = "For a global group") String database,
            @Nullable
                    @Schema(
                            example = "{\"public\":\"published\"}",
                            description = "For a global group: the databases that answer some audiences instead. Absent:"
                                    + " unchanged")
                    Map<String, String> audiences,
            @Nullable
                    @Schema(
                            description = "The schema that the group owns. Absent: unchanged. Its name is given once; what"
                                    + " is named beside it is replaced")
                    OwnSchema schema) {}

    /**
     * A group as it is told.
     *
     * @param name its name
     * @param kind {@code sharded} or {@code global}
     * @param hash the databases that hold buckets, in the order of their first
     * @param buckets which database holds which buckets
     * @param tenants {@code any} or {@code listed}
     * @param database a global group's database
     * @param audiences the databases that answer some audiences instead
     * @param listed how many tenants it lists, pinned ones among them
     * @param schema the schema that it owns
     */
    @Schema(name = "Group")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record View(
            @Schema(example = "people") String name,
            @Schema(example = "sharded") String kind,
            @Nullable @Schema(example = "[\"shard-1\",\"shard-2\"]") List<String> hash,
            @Nullable List<BucketMap.Range> buckets,
            @Nullable @Schema(example = "any") String tenants,
            @Nullable String database,
            @Nullable @Schema(example = "{\"public\":\"published\"}") Map<String, String> audiences,
            @Nullable @Schema(example = "3") Long listed,
            @Nullable OwnSchema schema) {}

    /** All of them, by name. */
    public List<View> all() {
        return store.all().stream().map(this::view).toList();
    }

    /** The one of that name. */
    public View get(String name) {
        return view(store.find(name).orElseThrow(() -> unknown(name)));
    }

    /** Adds or replaces. */
    public Outcome put(String name, Body body, ChangeRequest request) {
        // As with tenants: databases are looked at without the revision's lock.
        SchemaReadiness.Look look = readiness.look();
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            try {
                return ledger.apply(request, () -> apply(name, body, request, look));
            } catch (Overtaken e) {
                look.take();
            }
        }
        throw new ProblemException(
                ProblemCode.REVISION_CONFLICT, "The group '" + name + "' is being changed by others too");
    }

    private Change apply(String name, Body body, ChangeRequest request, SchemaReadiness.Look look) {
        GroupRow before = store.find(name).orElse(null);
        GroupRow after = row(name, body, before);
        checkDatabases(after);
        List<String> effects = new ArrayList<>();
        if (before != null) {
            checkHomes(before, after, request.force(), effects);
            tellRoutes(before, after, effects);
        }
        GroupSchema schema = after.schema();
        if (schema != null) {
            SchemaReadiness.Beginning beginning = beginning(before, after, schema);
            if (before != null && before.schema() == null) {
                readiness.refuseShared(name, schema, beginning.used());
            }
            if (look.isNeededFor(beginning, request.force(), effects)) {
                throw new Overtaken();
            }
        }
        boolean changed = !after.equals(before);
        View was = before == null ? null : view(before);
        if (changed) {
            store.put(after);
        }
        return new Change(before == null ? "group.add" : "group.change", name, was, view(after), effects, changed);
    }

    private SchemaReadiness.Beginning beginning(@Nullable GroupRow before, GroupRow after, GroupSchema schema) {
        Set<String> used = new LinkedHashSet<>();
        if (before != null) {
            used.addAll(before.databases());
            used.addAll(tenants.pinnedTo(before.name()));
        }
        Set<String> begun = new LinkedHashSet<>(after.databases());
        begun.removeAll(used);
        return new SchemaReadiness.Beginning(after.name(), schema, used, begun);
    }

    /** Removes a group; forced, because a group of the same name added afterwards could place its rows elsewhere. */
    public Outcome delete(String name, ChangeRequest request) {
        return ledger.apply(request, () -> {
            GroupRow before = store.find(name).orElse(null);
            if (before == null) {
                return new Change("group.remove", name, null, null, List.of(), false);
            }
            long listed = tenants.count(name);
            if (listed > 0 && !request.force()) {
                throw new ProblemException(
                        ProblemCode.GROUP_IN_USE, "The group '" + name + "' lists " + listed + " tenants");
            }
            String sentence = "Without the group '" + name
                    + "' nothing says where its rows are, and a new one could place them elsewhere";
            if (!request.force()) {
                throw new ProblemException(ProblemCode.BUCKETS_IN_USE, sentence);
            }
            View was = view(before);
            store.delete(name);
            List<String> effects = new ArrayList<>(List.of(sentence));
            if (listed > 0) {
                effects.add(listed + " tenants are no longer listed");
            }
            return new Change("group.remove", name, was, null, effects, true);
        });
    }

    private void checkDatabases(GroupRow group) {
        for (String database : group.databases()) {
            if (databases.find(database).isEmpty()) {
                throw Databases.unknown(database);
            }
        }
    }

    private void checkHomes(GroupRow before, GroupRow after, boolean force, List<String> effects) {
        String name = before.name();
        String what =
                switch (before) {
                    case GroupRow.Sharded was
                    when after instanceof GroupRow.Sharded now -> {
                        long moved = moved(was.buckets(), now.buckets());
                        yield moved == 0 ? "" : moved + " of " + Bucket.COUNT + " buckets of '" + name + "'";
                    }
                    case GroupRow.Sharded was -> "All buckets of '" + name + "'";
                    case GroupRow.Global was
                    when after instanceof GroupRow.Global now && now.database().equals(was.database()) -> "";
                    case GroupRow.Global was -> "All rows of '" + name + "'";
                };
        if (what.isEmpty()) {
            return;
        }
        String sentence = what + " would belong to another database, and rows do not follow";
        if (!force) {
            throw new ProblemException(ProblemCode.BUCKETS_IN_USE, sentence);
        }
        if (after instanceof GroupRow.Global && tenants.count(name) > 0) {
            throw new ProblemException(
                    ProblemCode.GROUP_IN_USE, "The group '" + name + "' lists tenants, and a global group has none");
        }
        effects.add(sentence);
    }

    /** Not refused: which copy an audience sees is what a route is for, and the copies are the operator's. */
    private static void tellRoutes(GroupRow before, GroupRow after, List<String> effects) {
        if (before instanceof GroupRow.Global was && after instanceof GroupRow.Global now) {
            Set<String> audiences = new TreeSet<>(was.routes().keySet());
            audiences.addAll(now.routes().keySet());
            for (String audience : audiences) {
                String from = was.routes().getOrDefault(audience, was.database());
                String to = now.routes().getOrDefault(audience, now.database());
                if (!from.equals(to)) {
                    effects.add("The audience '" + audience + "' uses '" + to + "' and no longer '" + from
                            + "'; rows do not follow");
                }
            }
        }
    }

    private static long moved(BucketMap before, BucketMap after) {
        long moved = 0;
        for (int bucket = 0; bucket < Bucket.COUNT; bucket++) {
            if (!before.databaseOf(bucket).equals(after.databaseOf(bucket))) {
                moved++;
            }
        }
        return moved;
    }

    private static GroupRow row(String name, Body body, @Nullable GroupRow before) {
        String kind = body.kind() == null ? "" : body.kind();
        List<String> hash = body.hash();
        String database = body.database();
        GroupSchema schema = OwnSchema.checked(name, body.schema(), before == null ? null : before.schema());
        if (kind.equals("sharded") && hash != null && !hash.contains(null) && database == null && body.audiences() == null) {
            Group.Tenants served =
                    switch (body.tenants() == null ? "any" : body.tenants()) {
                        case "any" -> Group.Tenants.ANY;
                        case "listed" -> Group.Tenants.LISTED;
                        default -> throw shape(name, "tenants is neither 'any' nor 'listed'");
                    };
            BucketMap buckets = BucketMap.evenly(hash);
            // The record checks the name.
            new Group.Sharded(name, buckets, Map.of(), served, schema);
            return new GroupRow.Sharded(name, buckets, served, schema);
        }
        if (kind.equals("global") && database != null && hash == null && body.tenants() == null) {
            Map<String, String> given = body.audiences();
            Map<String, String> stored = before instanceof GroupRow.Global global ? global.routes() : Map.of();
            if (given != null && given.containsValue(null)) {
                throw shape(name, "an audience is routed to no database");
            }
            Map<String, String> routes = new TreeMap<>(given == null ? stored : given);
            new Group.Global(name, database, routes, schema);
            return new GroupRow.Global(name, database, routes, schema);
        }
        throw shape(
                name,
                switch (kind) {
                    case "sharded" -> "a sharded group has hash, may have tenants, and has neither database nor audiences";
                    case "global" -> "a global group has database, and neither hash nor tenants";
                    default -> "kind is neither 'sharded' nor 'global'";
                });
    }

    private static ProblemException shape(String name, String what) {
        return new ProblemException(
                ProblemCode.CONFIGURATION_INVALID,
                "The group '" + name + "' cannot be as it is given: " + what,
                List.of(
                        "Send {\"kind\":\"sharded\",\"hash\":[\"shard-1\",\"shard-2\"],\"tenants\":\"any\"}",
                        "Or send {\"kind\":\"global\",\"database\":\"shard-1\"}"));
    }

    private dev.anabranch.problem.AnabranchException unknown(String name) {
        return Snapshots.unknownGroup(
                name,
                ledger.revision(),
                store.all().stream().map(GroupRow::name).toList());
    }

    private View view(GroupRow group) {
        return switch (group) {
            case GroupRow.Sharded sharded ->
                new View(
                        sharded.name(),
                        "sharded",
                        List.copyOf(sharded.buckets().databases()),
                        sharded.buckets().ranges(),
                        sharded.tenants().name().toLowerCase(Locale.ROOT),
                        null,
                        null,
                        tenants.count(sharded.name()),
                        OwnSchema.of(sharded.schema()));
            case GroupRow.Global global ->
                new View(
                        global.name(),
                        "global",
                        null,
                        null,
                        null,
                        global.database(),
                        global.routes().isEmpty() ? null : global.routes(),
                        null,
                        OwnSchema.of(global.schema()));
        };
    }
}
