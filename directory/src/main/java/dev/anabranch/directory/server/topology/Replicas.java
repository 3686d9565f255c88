// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.topology;

import dev.anabranch.directory.server.credential.Credentials;
import dev.anabranch.directory.server.problem.ProblemCode;
import dev.anabranch.directory.server.problem.ProblemException;
import dev.anabranch.directory.server.store.Change;
import dev.anabranch.directory.server.store.ChangeRequest;
import dev.anabranch.directory.server.store.DatabaseRow;
import dev.anabranch.directory.server.store.DatabaseStore;
import dev.anabranch.directory.server.store.Ledger;
import dev.anabranch.directory.server.store.LoginRow;
import dev.anabranch.directory.server.store.Outcome;
import dev.anabranch.directory.server.store.ReplicaRow;
import dev.anabranch.directory.server.store.ReplicaStore;
import dev.anabranch.topology.Replica;
import dev.anabranch.topology.Secret;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The replicas of databases: adding one sends reads there, and writes never. */
@Component
public class Replicas {
    private static final int LONGEST_TEXT = 255;

    private final Ledger ledger;
    private final ReplicaStore store;
    private final DatabaseStore databases;
    private final Credentials credentials;
    private final LoginTrial trial;

    Replicas(Ledger ledger, ReplicaStore store, DatabaseStore databases, Credentials credentials, LoginTrial trial) {
        this.ledger = ledger;
        this.store = store;
        this.databases = databases;
        this.credentials = credentials;
        this.trial = trial;
    }

    /**
     * What is given for a replica.
     *
     * @param flavor the kind of server; its database's, where it is given at all
     * @param host a name or an address
     * @param port the flavor's own where none is given
     * @param database the database's name on the server; the primary's where none is given
     * @param user whom to log in as; the database's user where none is given
     * @param password the password or a reference; where it is absent, the one that is stored stays, unless the address
     *     changes; a new replica with the database's user takes the database's reference
     * @param weight its share of the reads, 1 where none is given
     * @param audiences whom it serves and nobody else
     * @param properties parameters for the driver; the database's where none are given
     */
    @Schema(name = "ReplicaBody")
    public record Body(
            @Nullable @Schema(example = "postgres", description = "Its database's, where it is given") String flavor,
            @Nullable @Schema(example = "db3b.internal") String host,
            @Nullable @Schema(example = "5432") Integer port,
            @Nullable @Schema(example = "app", description = "Absent: as on the primary") String database,
            @Nullable @Schema(example = "reader", description = "Absent: the database's user") String user,
            @Nullable
                    @Schema(
                            example = "file:/run/secrets/reviews-reader",
                            description = "env:NAME, file:/path, or the password itself, which is stored encrypted. Absent:"
                                    + " unchanged; of a new replica with the database's user, the database's reference")
                    String password,
            @Nullable @Schema(example = "1", description = "1 to 1000; absent: 1") Integer weight,
            @Nullable
                    @Schema(example = "[\"internal\"]", description = "Whom it serves and nobody else")
                    List<String> audiences,
            @Nullable
                    @Schema(example = "{\"sslmode\":\"require\"}", description = "Absent: the database's")
                    Map<String, String> properties) {
        @Override
        public String toString() {
            return "Body[" + host + ":" + port + "/" + database + "]";
        }
    }

    /** Those of a database, by name. */
    public List<ReplicaRow.View> of(String database) {
        require(database);
        return store.of(database).stream().map(ReplicaRow::view).toList();
    }

    /** The one of that name that follows the database's primary. */
    public ReplicaRow.View get(String database, String name) {
        require(database);
        return found(store, database, name).view();
    }

    static ReplicaRow found(ReplicaStore store, String database, String name) {
        return store.find(name)
                .filter(row -> row.of().equals(database))
                .orElseThrow(() -> new ProblemException(
                        ProblemCode.REPLICA_UNKNOWN,
                        "The database '" + database + "' has no replica '" + name + "'",
                        List.of("GET /v1/databases/" + database + "/replicas lists them")));
    }

    /**
     * Adds or replaces.
     *
     * @param check whether to try the connection, and to tell of it among the effects
     */
    public Outcome put(String database, String name, Body body, ChangeRequest request, boolean check) {
        ReplicaRow given = row(require(database), name, body);
        String password = body.password();
        // Before the revision is locked, because a file may be slow to read and a server slow to answer.
        LoginRow fresh =
                password == null ? null : credentials.stored(given.login(), Databases.checked(name, password));
        List<String> found = check ? trial.of(given, fresh, request) : List.of();
        boolean leads = fresh == null || credentials.opens(fresh);
        return ledger.apply(request, () -> {
            DatabaseRow primary = require(database);
            refuseTaken(database, name);
            ReplicaRow before = store.find(name).orElse(null);
            // Once more, as the database may have changed since.
            ReplicaRow planned = row(primary, name, body);
            ReplicaRow after = planned.withCredential(
                    fresh != null && fresh.at().equals(planned.login().at())
                            ? fresh.credential()
                            : kept(primary, before, planned, fresh));
            List<String> effects = new ArrayList<>();
            if (before != null && !before.credential().equals(after.credential())) {
                effects.add("The credential changes");
            }
            if (!leads) {
                effects.add("The credential's reference leads nowhere on this node as yet");
            }
            effects.addAll(found);
            boolean changed = !after.equals(before);
            if (changed) {
                store.put(after);
            }
            tellAudiences(database, before, after, effects);
            return new Change(
                    before == null ? "replica.add" : "replica.change",
                    database + "/" + name,
                    before == null ? null : before.view(),
                    after.view(),
                    effects,
                    changed);
        });
    }

    /** Removes one; reads go to the others, or to the primary. */
    public Outcome delete(String database, String name, ChangeRequest request) {
        return ledger.apply(request, () -> {
            require(database);
            ReplicaRow before = store.find(name).filter(row -> row.of().equals(database)).orElse(null);
            if (before == null) {
                return new Change("replica.remove", database + "/" + name, null, null, List.of(), false);
            }
            store.delete(name);
            List<String> effects = new ArrayList<>();
            tellAudiences(database, before, null, effects);
            return new Change("replica.remove", database + "/" + name, before.view(), null, effects, true);
        });
    }

    /** An audience that loses the last replica kept for it reads among all others from then on: an operator should know. */
    private void tellAudiences(
            String database, @Nullable ReplicaRow before, @Nullable ReplicaRow after, List<String> effects) {
        if (before == null) {
            return;
        }
        List<ReplicaRow> left = store.of(database);
        for (String audience : before.audiences()) {
            boolean kept = after != null && after.audiences().contains(audience);
            if (!kept && left.stream().noneMatch(row -> row.audiences().contains(audience))) {
                effects.add(noLongerKept(database, audience));
            }
        }
    }

    static String noLongerKept(String database, String audience) {
        return "No replica of '" + database + "' is kept for the audience '" + audience
                + "' any more: it reads where all others do";
    }

    /** Refuses a name that a database or another database's replica has. */
    private void refuseTaken(String database, String name) {
        if (databases.find(name).isPresent()) {
            throw taken("There is a database '" + name + "'");
        }
        store.find(name).filter(row -> !row.of().equals(database)).ifPresent(row -> {
            throw taken("There is a replica '" + name + "' of the database '" + row.of() + "'");
        });
    }

    static ProblemException taken(String which) {
        return new ProblemException(ProblemCode.NAME_TAKEN, which + ", and routers and meters name replicas as they do databases");
    }

    private static String kept(
            DatabaseRow primary, @Nullable ReplicaRow before, ReplicaRow planned, @Nullable LoginRow fresh) {
        if (fresh != null) {
            throw new ProblemException(
                    ProblemCode.REVISION_CONFLICT,
                    "The database '" + primary.name() + "' was changed while the replica's password was looked at");
        }
        if (before != null) {
            if (!before.login().at().equals(planned.login().at())) {
                throw new ProblemException(
                        ProblemCode.CREDENTIAL_REQUIRED,
                        "The address, the user or the properties of '" + planned.name()
                                + "' change, and the stored password is not sent there unless it is given again");
            }
            return before.credential();
        }
        if (planned.user().equals(primary.user()) && Secret.isReference(primary.credential())) {
            return primary.credential();
        }
        throw new ProblemException(
                ProblemCode.CREDENTIAL_REQUIRED,
                "The replica '" + planned.name() + "' is new, without a password for '" + planned.user() + "'",
                List.of("Give the password or its reference too"));
    }

    private DatabaseRow require(String database) {
        return databases.find(database).orElseThrow(() -> Databases.unknown(database));
    }

    /** All but the credential. */
    private static ReplicaRow row(DatabaseRow primary, String name, Body body) {
        String host = body.host();
        if (host == null) {
            throw new ProblemException(
                    ProblemCode.REPLICA_INCOMPLETE, "The replica '" + name + "' is given without a host");
        }
        String flavor = body.flavor();
        if (flavor != null && !flavor.equals(primary.flavor().id())) {
            throw new ProblemException(
                    ProblemCode.CONFIGURATION_INVALID,
                    "The replica '" + name + "' is given as one of " + flavor + ", and its database '" + primary.name()
                            + "' is one of " + primary.flavor().id(),
                    List.of("Name a server that follows this primary, and leave the flavor out"));
        }
        String database = body.database() == null ? primary.database() : body.database();
        String user = body.user() == null ? primary.user() : body.user();
        if (Stream.of(host, database, user).anyMatch(text -> text.isBlank() || text.length() > LONGEST_TEXT)) {
            throw new ProblemException(
                    ProblemCode.CONFIGURATION_INVALID,
                    "A member of the replica has not 1 to " + LONGEST_TEXT + " characters");
        }
        List<String> audiences = body.audiences() == null ? List.of() : body.audiences();
        if (audiences.stream().anyMatch(Objects::isNull)) {
            throw new ProblemException(ProblemCode.CONFIGURATION_INVALID, "An audience of the replica is null");
        }
        Map<String, String> properties = body.properties() == null ? primary.properties() : body.properties();
        DriverProperties.check(primary.flavor(), properties);
        Integer port = body.port();
        Integer weight = body.weight();
        ReplicaRow row = new ReplicaRow(
                name,
                primary.name(),
                primary.flavor(),
                host,
                port == null ? primary.flavor().defaultPort() : port,
                database,
                user,
                "",
                weight == null ? Replica.USUAL_WEIGHT : weight,
                new TreeSet<>(audiences),
                new TreeMap<>(properties));
        // The record checks names, weight and address.
        row.with(Secret.of(""));
        return row;
    }
}
