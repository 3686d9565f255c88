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
import dev.anabranch.directory.server.store.Outcome;
import dev.anabranch.topology.Flavor;
import dev.anabranch.topology.Secret;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The databases: adding one moves no tenant, and one that is in use is not removed. */
@Component
public class Databases {
    private static final int LONGEST_TEXT = 255;
    private static final int LONGEST_PASSWORD = 1024;

    private final Ledger ledger;
    private final DatabaseStore store;
    private final Credentials credentials;

    Databases(Ledger ledger, DatabaseStore store, Credentials credentials) {
        this.ledger = ledger;
        this.store = store;
        this.credentials = credentials;
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
            @Nullable @Schema(example = "eu") String region,
            @Nullable @Schema(example = "{\"sslmode\":\"require\"}") Map<String, String> properties) {
        @Override
        public String toString() {
            return "Body[" + host + ":" + port + "/" + database + "]";
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

    /** Adds or replaces. */
    public Outcome put(String name, Body body, ChangeRequest request) {
        DatabaseRow given = row(name, body);
        String password = body.password();
        // Before the revision is locked, because a file may be slow to read.
        DatabaseRow complete = password == null ? null : credentials.stored(given, checked(name, password));
        boolean leads = complete == null || credentials.opens(complete);
        return ledger.apply(request, () -> {
            DatabaseRow before = store.find(name).orElse(null);
            DatabaseRow after = complete == null ? withStored(given, before) : complete;
            List<String> effects = new ArrayList<>();
            if (before != null && !before.credential().equals(after.credential())) {
                effects.add("The credential changes");
            }
            if (!leads) {
                effects.add("The credential's reference leads nowhere on this node as yet");
            }
            if (before != null && !before.with(Secret.of("")).primary().address()
                    .equals(after.with(Secret.of("")).primary().address())) {
                effects.add("Applications open new pools at the new address; rows are not copied");
            }
            // A password that is given is sealed anew and always a change: to tell that it is the stored one already
            // would tell who guesses.
            boolean changed = !after.equals(before);
            if (changed) {
                store.put(after);
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

    private static DatabaseRow withStored(DatabaseRow given, @Nullable DatabaseRow before) {
        if (before == null) {
            throw incomplete(given.name(), List.of("password"));
        }
        if (!given.leadsWhere(before)) {
            throw new ProblemException(
                    ProblemCode.CREDENTIAL_REQUIRED,
                    "The address, the user or the properties of '" + given.name()
                            + "' change, and the stored password is not sent there unless it is given again");
        }
        return given.withCredential(before.credential());
    }

    private static String checked(String name, String password) {
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
                                + " pinned tenants and " + uses.groups().size() + " global groups " + uses.groups());
            }
            store.delete(name);
            return new Change("database.remove", name, known.get().view(), null, List.of(), true);
        });
    }

    static ProblemException unknown(String name) {
        return new ProblemException(ProblemCode.DATABASE_UNKNOWN, "There is no database '" + name + "'");
    }

    /** All but the credential. */
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
                region,
                new TreeMap<>(properties));
        row.with(Secret.of(""));
        return row;
    }
}
