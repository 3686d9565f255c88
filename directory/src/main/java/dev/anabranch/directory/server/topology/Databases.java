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
     * @param password the password or a reference; where it is absent, the one that is stored stays
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
                                    + " absent on replacement: unchanged")
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
        return ledger.apply(request, () -> {
            Optional<DatabaseRow> known = store.find(name);
            DatabaseRow before = known.orElse(null);
            DatabaseRow after = row(name, body, before);
            List<String> effects = new ArrayList<>();
            String password = body.password();
            boolean rotated = before != null && !before.credential().equals(after.credential());
            if (rotated) {
                effects.add("The credential changes");
            }
            if (password != null && credentials.resolve(name, after.credential()).isEmpty()) {
                effects.add("The credential's reference leads nowhere on this node as yet");
            }
            if (before != null && !before.with(Secret.of("")).primary().address()
                    .equals(after.with(Secret.of("")).primary().address())) {
                effects.add("Applications open new pools at the new address; rows are not copied");
            }
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

    private DatabaseRow row(String name, Body body, @Nullable DatabaseRow before) {
        List<String> missing = Stream.of(
                        body.flavor() == null ? "flavor" : "",
                        body.host() == null ? "host" : "",
                        body.database() == null ? "database" : "",
                        body.user() == null ? "user" : "",
                        body.password() == null && before == null ? "password" : "")
                .filter(member -> !member.isEmpty())
                .toList();
        String flavorId = body.flavor();
        String host = body.host();
        String database = body.database();
        String user = body.user();
        if (!missing.isEmpty() || flavorId == null || host == null || database == null || user == null) {
            throw new ProblemException(
                    ProblemCode.DATABASE_INCOMPLETE, "The database '" + name + "' is given without " + missing);
        }
        Flavor flavor = Flavor.of(flavorId)
                .orElseThrow(() -> new ProblemException(
                        ProblemCode.CONFIGURATION_INVALID,
                        "The flavor '" + flavorId + "' is not known",
                        List.of("Use postgres, mysql or mariadb")));
        Integer port = body.port();
        Map<String, String> properties = body.properties() == null ? Map.of() : body.properties();
        DriverProperties.check(properties);
        DatabaseRow checked = new DatabaseRow(
                name,
                flavor,
                host,
                port == null ? flavor.defaultPort() : port,
                database,
                user,
                "",
                body.region(),
                new TreeMap<>(properties));
        checked.with(Secret.of(""));
        return withCredential(checked, credential(name, body.password(), before));
    }

    private String credential(String name, @Nullable String password, @Nullable DatabaseRow before) {
        if (before != null) {
            // A password that is given again is no change, although sealing it would give another text.
            boolean same = password == null
                    || (!Secret.isReference(password)
                            && !Secret.isReference(before.credential())
                            && credentials
                                    .resolve(name, before.credential())
                                    .filter(Secret.of(password)::equals)
                                    .isPresent());
            if (same) {
                return before.credential();
            }
        }
        return credentials.stored(name, password == null ? "" : password);
    }

    private static DatabaseRow withCredential(DatabaseRow row, String credential) {
        return new DatabaseRow(
                row.name(),
                row.flavor(),
                row.host(),
                row.port(),
                row.database(),
                row.user(),
                credential,
                row.region(),
                row.properties());
    }
}
