// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.topology;

import dev.anabranch.directory.server.credential.Credentials;
import dev.anabranch.directory.server.problem.ProblemCode;
import dev.anabranch.directory.server.problem.ProblemException;
import dev.anabranch.directory.server.store.DatabaseRow;
import dev.anabranch.directory.server.store.Ledger;
import dev.anabranch.directory.server.store.LoginRow;
import dev.anabranch.directory.server.store.ReplicaRow;
import dev.anabranch.directory.server.store.TopologyStore;
import dev.anabranch.directory.server.store.Version;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.topology.Audience;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.Replica;
import dev.anabranch.topology.Secret;
import dev.anabranch.topology.Topology;
import dev.anabranch.topology.TopologyJson;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * The topology as of the committed revision.
 *
 * <p>What was read is kept until the revision changes, and asked for is only the revision; credentials are resolved
 * anew each time. Thread-safe.
 */
@Component
public class Snapshots {
    private static final int KEPT_DOCUMENTS = 64;
    private static final Secret NONE = Secret.of("");

    private final Ledger ledger;
    private final TopologyStore store;
    private final Credentials credentials;
    private volatile @Nullable Loaded last;

    Snapshots(Ledger ledger, TopologyStore store, Credentials credentials) {
        this.ledger = ledger;
        this.store = store;
        this.credentials = credentials;
    }

    private record Wanted(List<String> groups, TopologyJson.Credentials credentials) {}

    /** What was read, with the documents made of it: passwords in them are kept no longer than it is. */
    private record Loaded(TopologyStore.Stored stored, Map<Wanted, Document> documents) {}

    /**
     * A snapshot as it is sent.
     *
     * @param topology what it says
     * @param json the same as UTF-8 JSON
     * @param etag revision and content, quoted
     */
    @SuppressWarnings("ArrayRecordComponent") // written to the wire and never compared
    public record Document(Topology topology, byte[] json, String etag) {}

    /** What is stored as of the committed revision. */
    public TopologyStore.Stored current() {
        return loaded().stored;
    }

    private Loaded loaded() {
        Version version = ledger.version();
        Loaded known = last;
        if (known == null || !known.stored.version().equals(version)) {
            known = new Loaded(store.read(), new ConcurrentHashMap<>());
            credentials.retain(logins(known.stored).toList());
            last = known;
        }
        return known;
    }

    /**
     * The snapshot of some groups, with the databases that they need and no other.
     *
     * @param wanted the groups' names; all groups where there are none
     * @param told which passwords are part of it
     * @throws AnabranchException {@link ErrorCode#GROUP_UNKNOWN}
     */
    public Document document(Collection<String> wanted, TopologyJson.Credentials told) {
        Loaded loaded = loaded();
        TopologyStore.Stored stored = loaded.stored;
        Map<Wanted, Document> documents = loaded.documents;
        Map<String, Group> groups = new LinkedHashMap<>();
        for (String name : wanted.isEmpty() ? stored.groups().keySet() : new TreeSet<>(wanted)) {
            groups.put(name, group(stored, name));
        }
        TreeSet<String> needed = new TreeSet<>();
        groups.values().forEach(group -> needed.addAll(group.databases()));
        if (wanted.isEmpty()) {
            needed.addAll(stored.databases().keySet());
        }
        Map<String, Database> databases = new LinkedHashMap<>();
        for (String name : needed) {
            databases.put(name, database(known(stored, name), stored.replicasOf(name), told));
        }
        Topology topology =
                new Topology(stored.revision(), stored.shardKey(), databases, groups, audiences(stored));
        Wanted key = new Wanted(List.copyOf(groups.keySet()), told);
        Document kept = documents.get(key);
        if (kept != null && kept.topology.equals(topology)) {
            return kept;
        }
        byte[] json = TopologyJson.write(topology, told);
        Document document = new Document(topology, json, "\"" + stored.revision() + "-" + digest(json) + "\"");
        if (documents.size() >= KEPT_DOCUMENTS) {
            documents.clear();
        }
        documents.put(key, document);
        return document;
    }

    /** The database of that name with the application's password, for those who may have it. */
    public Database resolved(TopologyStore.Stored stored, String name) {
        DatabaseRow row = known(stored, name);
        Secret password = credentials
                .resolve(row.application())
                .orElseThrow(() -> new ProblemException(
                        ProblemCode.CREDENTIAL_UNRESOLVED,
                        "The credential of the database '" + name + "' cannot be resolved on this node"));
        return row.with(password, NONE);
    }

    /** The database's replicas with their passwords, for those who may have them; without those that cannot be resolved. */
    public List<Replica> resolvedReplicas(TopologyStore.Stored stored, String database) {
        return stored.replicasOf(database).stream()
                .flatMap(row -> credentials.resolve(row.login()).map(row::with).stream())
                .toList();
    }

    /** Changes whenever a credential of the current revision has another content. */
    public int credentialPrint() {
        return logins(current())
                .map(login -> login.label() + credentials.resolve(login).hashCode())
                .toList()
                .hashCode();
    }

    /** The logins whose credential this node cannot resolve: a database's or a replica's name, or that with {@code (owner)}. */
    public List<String> unresolved() {
        return logins(current())
                .filter(login -> credentials.resolve(login).isEmpty())
                .map(LoginRow::label)
                .toList();
    }

    /** All that something of the topology names, also where the reader's groups are elsewhere. */
    private static Map<String, Audience> audiences(TopologyStore.Stored stored) {
        Map<String, Audience> all = new LinkedHashMap<>(stored.audiences());
        stored.databases().keySet().forEach(database -> stored.replicasOf(database).forEach(replica ->
                replica.audiences().forEach(name -> all.computeIfAbsent(name, one -> new Audience(one, false)))));
        stored.groups().keySet().forEach(name -> {
            if (group(stored, name) instanceof Group.Global global) {
                global.routes().keySet().forEach(route -> all.computeIfAbsent(route, one -> new Audience(one, false)));
            }
        });
        return all;
    }

    private static Stream<LoginRow> logins(TopologyStore.Stored stored) {
        return Stream.concat(
                stored.databases().values().stream().flatMap(DatabaseRow::logins),
                stored.replicas().stream().map(ReplicaRow::login));
    }

    /**
     * The group of that name.
     *
     * @throws AnabranchException {@link ErrorCode#GROUP_UNKNOWN}
     */
    public static Group group(TopologyStore.Stored stored, String name) {
        Group group = stored.groups().get(name);
        if (group == null) {
            throw unknownGroup(name, stored.revision(), stored.groups().keySet());
        }
        return group;
    }

    static AnabranchException unknownGroup(String name, long revision, Collection<String> known) {
        return new AnabranchException(
                ErrorCode.GROUP_UNKNOWN,
                "There is no group '" + name + "' at revision " + revision,
                known.isEmpty()
                        ? "Add it with PUT /v1/groups/{name}; there is none yet"
                        : "Use one of " + known + ", or add it with PUT /v1/groups/{name}");
    }

    /** One credential that cannot be resolved must not take the other databases away from applications. */
    private Database database(DatabaseRow row, List<ReplicaRow> follow, TopologyJson.Credentials told) {
        Secret password = told == TopologyJson.Credentials.NONE
                ? NONE
                : credentials.resolve(row.application()).orElse(NONE);
        Secret ofOwner = told == TopologyJson.Credentials.ALL
                ? row.migrator().flatMap(credentials::resolve).orElse(NONE)
                : NONE;
        List<Replica> replicas = follow.stream()
                .map(replica -> replica.with(
                        told == TopologyJson.Credentials.NONE
                                ? NONE
                                : credentials.resolve(replica.login()).orElse(NONE)))
                .toList();
        return row.with(password, ofOwner, replicas);
    }

    private static DatabaseRow known(TopologyStore.Stored stored, String name) {
        DatabaseRow row = stored.databases().get(name);
        if (row == null) {
            throw new ProblemException(
                    ProblemCode.DATABASE_UNKNOWN,
                    "There is no database '" + name + "' at revision " + stored.revision());
        }
        return row;
    }

    private static String digest(byte[] json) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(json);
            return HexFormat.of().formatHex(hash, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
