// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.topology;

import dev.anabranch.directory.server.credential.Credentials;
import dev.anabranch.directory.server.problem.ProblemCode;
import dev.anabranch.directory.server.problem.ProblemException;
import dev.anabranch.directory.server.store.Change;
import dev.anabranch.directory.server.store.ChangeRequest;
import dev.anabranch.directory.server.store.DatabaseRow;
import dev.anabranch.directory.server.store.DatabaseStore;
import dev.anabranch.directory.server.store.GroupStore;
import dev.anabranch.directory.server.store.Ledger;
import dev.anabranch.directory.server.store.LoginRow;
import dev.anabranch.directory.server.store.Outcome;
import dev.anabranch.directory.server.store.ReplicaStore;
import dev.anabranch.topology.Flavor;
import dev.anabranch.topology.Secret;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.annotation.JsonDeserialize;

/** The databases: adding one moves no tenant, and one that is in use is not removed. */
@Component
public class Databases {
    private static final int LONGEST_TEXT = 255;
    private static final int LONGEST_PASSWORD = 1024;

    private final Ledger ledger;
    private final DatabaseStore store;
    private final Credentials credentials;
    private final LoginTrial trial;
    private final GroupStore groups;
    private final SchemaReadiness readiness;
    private final ReplicaStore replicas;

    Databases(
            Ledger ledger,
            DatabaseStore store,
            Credentials credentials,
            LoginTrial trial,
            GroupStore groups,
            SchemaReadiness readiness,
            ReplicaStore replicas) {
        this.ledger = ledger;
        this.store = store;
        this.credentials = credentials;
        this.trial = trial;
        this.groups = groups;
        this.readiness = readiness;
        this.replicas = replicas;
    }

    /**
     * What is given for a database.
     *
     * @param flavor the kind of server
     * @param host a name or an address
     * @param port the flavor's own where none is given
     * @param database its name on the server
     * @param user whom to log in as
     * @param password the password or a reference; where it is absent, the one that is stored stays, unless the address
     *     changes
     * @param owner who owns the groups' schemas and migrates them; where it is absent, the one that is stored stays, and
     *     where it is null, the user migrates itself
     * @param region where its data lies
     * @param properties parameters for the driver
     */
    @Schema(name = "DatabaseBody")
    public record Body(
            @Nullable @Schema(example = "postgres", allowableValues = {"postgres", "mysql", "mariadb"}) String flavor,
            @Nullable @Schema(example = "db1.internal") String host,
            @Nullable @Schema(example = "5432") Integer port,
            @Nullable @Schema(example = "app") String database,
            @Nullable @Schema(example = "app") String user,
            @Nullable
                    @Schema(
                            example = "file:/run/secrets/shard-1",
                            description = "env:NAME, file:/path, or the password itself, which is stored encrypted;"
                                    + " absent on replacement of the region alone: unchanged")
                    String password,
            @Nullable
                    @Schema(
                            implementation = OwnerBody.class,
                            types = {"object", "null"},
                            description = "Who owns the groups' schemas and migrates them, told to the role migrator alone."
                                    + " Absent: unchanged. null: the user migrates itself")
                    GivenOwner owner,
            @Nullable @Schema(example = "eu") String region,
            @Nullable @Schema(example = "{\"sslmode\":\"require\"}") Map<String, String> properties) {
        @Override
        public String toString() {
            return "Body[" + host + ":" + port + "/" + database + "]";
        }
    }

    /**
     * What is given for who migrates.
     *
     * @param user whom to log in as
     * @param password the password or a reference; where it is absent, the one that is stored stays, unless the address or
     *     the user changes
     */
    @Schema(name = "OwnerBody")
    public record OwnerBody(
            @Nullable @Schema(example = "people_owner") String user,
            @Nullable
                    @Schema(
                            example = "file:/run/secrets/anabranch-owner/shard-1",
                            description = "As the user's, with references of the owners' own: env:ANABRANCH_OWNER_…, or a"
                                    + " file beneath the owners' folders")
                    String password) {
        @Override
        public String toString() {
            return "OwnerBody[" + user + "]";
        }
    }

    /**
     * What was said of the owner; where nothing was said, there is none of these.
     *
     * @param owner the owner, or null where there is to be none
     */
    @JsonDeserialize(using = GivenOwner.Reader.class)
    public record GivenOwner(@Nullable OwnerBody owner) {
        static final class Reader extends ValueDeserializer<GivenOwner> {
            @Override
            public GivenOwner deserialize(JsonParser parser, DeserializationContext context) {
                return new GivenOwner(context.readValue(parser, OwnerBody.class));
            }

            @Override
            public GivenOwner getNullValue(DeserializationContext context) {
                return new GivenOwner(null);
            }

            @Override
            public @Nullable Object getAbsentValue(DeserializationContext context) {
                return null;
            }
        }
    }

    /** All of them, by name. */
    public List<DatabaseRow.View> all() {
        return store.all().stream().map(DatabaseRow::view).toList();
    }

    /** The one of that name. */
    public DatabaseRow.View get(String name) {
        return store.find(name).orElseThrow(() -> unknown(name)).view();
    }

    /**
     * Adds or replaces.
     *
     * @param check whether to try the connection, and to tell of it among the effects
     */
    public Outcome put(String name, Body body, ChangeRequest request, boolean check) {
        DatabaseRow given = row(name, body);
        // Before the revision is locked, because a file may be slow to read and a server slow to answer.
        LoginRow application = stored(given.application(), body.password());
        OwnerBody owner = body.owner() == null ? null : body.owner().owner();
        LoginRow migrator = given.migrator()
                .flatMap(login -> Optional.ofNullable(stored(login, owner == null ? null : owner.password())))
                .orElse(null);
        boolean keepsOwner = body.owner() == null;
        List<String> found = check
                ? trial.of(planned(given, store.find(name).orElse(null), keepsOwner), application, migrator, request)
                : List.of();
        boolean leads = application == null || credentials.opens(application);
        boolean ownersLeads = migrator == null || credentials.opens(migrator);
        return ledger.apply(request, () -> {
            DatabaseRow before = store.find(name).orElse(null);
            DatabaseRow after = complete(planned(given, before, keepsOwner), before, application, migrator);
            checkReplicas(name, before, after);
            List<String> effects = new ArrayList<>();
            if (before != null) {
                tellChanges(before, after, effects);
            }
            if (!leads) {
                effects.add("The credential's reference leads nowhere on this node as yet");
            }
            if (!ownersLeads) {
                effects.add("The reference of the owner's credential leads nowhere on this node as yet");
            }
            effects.addAll(found);
            // A password that is given is sealed anew and always a change: to tell that it is the stored one already
            // would tell who guesses.
            boolean changed = !after.equals(before);
            if (changed) {
                store.put(after);
            }
            if (before != null && !before.application().at().address().equals(after.application().at().address())) {
                groups.schemasOn(name).forEach((group, schema) -> readiness.refuseShared(group, schema, Set.of(name)));
            }
            return new Change(
                    before == null ? "database.add" : "database.change",
                    name,
                    before == null ? null : before.view(),
                    after.view(),
                    effects,
                    changed);
        });
    }

    private void checkReplicas(String name, @Nullable DatabaseRow before, DatabaseRow after) {
        replicas.find(name).ifPresent(row -> {
            throw Replicas.taken("There is a replica '" + name + "' of the database '" + row.of() + "'");
        });
        if (before != null && before.flavor() != after.flavor() && !replicas.of(name).isEmpty()) {
            throw new ProblemException(
                    ProblemCode.CONFIGURATION_INVALID,
                    "The database '" + name + "' would be one of " + after.flavor().id()
                            + ", and its replicas are some of " + before.flavor().id(),
                    List.of("Remove its replicas first"));
        }
    }

    /** What is given, with the owner that is stored where none was spoken of. */
    private static DatabaseRow planned(DatabaseRow given, @Nullable DatabaseRow before, boolean keepsOwner) {
        DatabaseRow.Owner owner = before == null ? null : before.owner();
        if (!keepsOwner || owner == null) {
            return given;
        }
        checkLogin(given.name(), given.user(), owner.user());
        return given.withOwner(owner);
    }

    private @Nullable LoginRow stored(LoginRow login, @Nullable String password) {
        return password == null ? null : credentials.stored(login, checked(login.label(), password));
    }

    private static void tellChanges(DatabaseRow before, DatabaseRow after, List<String> effects) {
        if (!before.credential().equals(after.credential())) {
            effects.add("The credential changes");
        }
        Optional<LoginRow> was = before.migrator();
        Optional<LoginRow> is = after.migrator();
        if (was.isPresent() && is.isPresent() && !was.get().credential().equals(is.get().credential())) {
            effects.add("The owner's credential changes");
        }
        if (was.isPresent() && is.isEmpty()) {
            effects.add("The user '" + after.user() + "' migrates itself");
        }
        if (!before.application().at().address().equals(after.application().at().address())) {
            effects.add("Applications open new pools at the new address; rows are not copied");
        }
    }

    private static DatabaseRow complete(
            DatabaseRow given, @Nullable DatabaseRow before, @Nullable LoginRow application, @Nullable LoginRow migrator) {
        LoginRow own = application == null
                ? kept(given.application(), before == null ? Optional.empty() : Optional.of(before.application()))
                : application;
        Optional<LoginRow> owners = given.migrator()
                .map(login -> migrator == null
                        ? kept(login, before == null ? Optional.empty() : before.migrator())
                        : migrator);
        return given.withCredentials(
                own.credential(), owners.map(LoginRow::credential).orElse(null));
    }

    private static LoginRow kept(LoginRow given, Optional<LoginRow> before) {
        if (before.isEmpty()) {
            throw given.owner()
                    ? new ProblemException(
                            ProblemCode.CREDENTIAL_REQUIRED,
                            "The owner '" + given.at().user() + "' of '" + given.database() + "' is new, without a password",
                            List.of("Give the owner's password or its reference too"))
                    : incomplete(given.database(), List.of("password"));
        }
        if (!given.at().equals(before.get().at())) {
            throw new ProblemException(
                    ProblemCode.CREDENTIAL_REQUIRED,
                    "The address, the " + (given.owner() ? "owner" : "user") + " or the properties of '" + given.database()
                            + "' change, and the stored password" + (given.owner() ? " of the owner" : "")
                            + " is not sent there unless it is given again");
        }
        return given.withCredential(before.get().credential());
    }

    static String checked(String name, String password) {
        if (password.isEmpty() || password.length() > LONGEST_PASSWORD) {
            throw new ProblemException(
                    ProblemCode.CONFIGURATION_INVALID,
                    "The password of '" + name + "' has not 1 to " + LONGEST_PASSWORD + " characters");
        }
        return password;
    }

    private static ProblemException incomplete(String name, List<String> missing) {
        return new ProblemException(
                ProblemCode.DATABASE_INCOMPLETE, "The database '" + name + "' is given without " + missing);
    }

    /** Removes one that nothing names. */
    public Outcome delete(String name, ChangeRequest request) {
        return ledger.apply(request, () -> {
            Optional<DatabaseRow> known = store.find(name);
            if (known.isEmpty()) {
                return new Change("database.remove", name, null, null, List.of(), false);
            }
            DatabaseStore.Uses uses = store.uses(name);
            if (!uses.none()) {
                throw new ProblemException(
                        ProblemCode.DATABASE_IN_USE,
                        "The database '" + name + "' is named by " + uses.buckets() + " buckets, " + uses.pins()
                                + " pinned tenants, " + uses.globals() + " global groups and " + uses.routes()
                                + " routes of audiences, of the groups " + uses.groups());
            }
            List<String> effects = replicas.of(name).stream()
                    .map(replica -> "Its replica '" + replica.name() + "' goes with it")
                    .toList();
            store.delete(name);
            return new Change("database.remove", name, known.get().view(), null, effects, true);
        });
    }

    static ProblemException unknown(String name) {
        return new ProblemException(ProblemCode.DATABASE_UNKNOWN, "There is no database '" + name + "'");
    }

    private static DatabaseRow.@Nullable Owner owner(String name, String user, @Nullable GivenOwner given) {
        OwnerBody body = given == null ? null : given.owner();
        if (body == null) {
            return null;
        }
        String login = body.user();
        if (login == null || login.isBlank()) {
            throw incomplete(name, List.of("owner.user"));
        }
        checkLogin(name, user, login);
        return new DatabaseRow.Owner(login, "");
    }

    private static void checkLogin(String name, String user, String login) {
        if (login.length() > LONGEST_TEXT || login.equals(user)) {
            throw new ProblemException(
                    ProblemCode.CONFIGURATION_INVALID,
                    login.equals(user)
                            ? "The owner of '" + name + "' is its user, whose password every application has"
                            : "The owner of '" + name + "' has more than " + LONGEST_TEXT + " characters",
                    List.of("Name another login as the owner, or send \"owner\": null: then the user migrates"));
        }
    }

    /** All but the credentials. */
    private static DatabaseRow row(String name, Body body) {
        List<String> missing = Stream.of(
                        body.flavor() == null ? "flavor" : "",
                        body.host() == null ? "host" : "",
                        body.database() == null ? "database" : "",
                        body.user() == null ? "user" : "")
                .filter(member -> !member.isEmpty())
                .toList();
        String flavorId = body.flavor();
        String host = body.host();
        String database = body.database();
        String user = body.user();
        if (!missing.isEmpty() || flavorId == null || host == null || database == null || user == null) {
            throw incomplete(name, missing);
        }
        String region = body.region();
        for (String text : List.of(name, flavorId, host, database, user, region == null ? "" : region)) {
            if (text.length() > LONGEST_TEXT) {
                throw new ProblemException(
                        ProblemCode.CONFIGURATION_INVALID,
                        "A member of the database has more than " + LONGEST_TEXT + " characters");
            }
        }
        Flavor flavor = Flavor.of(flavorId)
                .orElseThrow(() -> new ProblemException(
                        ProblemCode.CONFIGURATION_INVALID,
                        "The flavor '" + flavorId + "' is not known",
                        List.of("Use postgres, mysql or mariadb")));
        Integer port = body.port();
        Map<String, String> properties = body.properties() == null ? Map.of() : body.properties();
        DriverProperties.check(flavor, properties);
        DatabaseRow row = new DatabaseRow(
                name,
                flavor,
                host,
                port == null ? flavor.defaultPort() : port,
                database,
                user,
                "",
                owner(name, user, body.owner()),
                region,
                new TreeMap<>(properties));
        row.with(Secret.of(""), Secret.of(""));
        return row;
    }
}
