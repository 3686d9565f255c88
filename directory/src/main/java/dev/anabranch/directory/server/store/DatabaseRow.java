// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.store;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Endpoint;
import dev.anabranch.topology.Flavor;
import dev.anabranch.topology.Login;
import dev.anabranch.topology.Replica;
import dev.anabranch.topology.Secret;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A database as it is stored.
 *
 * @param name its name in the topology
 * @param flavor the kind of server
 * @param host a name or an address
 * @param port 1 to 65,535
 * @param database its name on the server
 * @param user whom to log in as
 * @param credential {@code env:…}, {@code file:…} or {@code sealed:…}
 * @param owner who migrates; null where the application's user does
 * @param region where its data lies, or null
 * @param properties parameters for the driver
 */
public record DatabaseRow(
        String name,
        Flavor flavor,
        String host,
        int port,
        String database,
        String user,
        String credential,
        @Nullable Owner owner,
        @Nullable String region,
        Map<String, String> properties) {

    /**
     * Who owns the groups' schemas and migrates them.
     *
     * @param user whom to log in as
     * @param credential as the application's
     */
    public record Owner(String user, String credential) {
        OwnerView view() {
            return new OwnerView(user, shown(credential));
        }
    }

    /**
     * What may be told about who migrates.
     *
     * @param user whom to log in as
     * @param credential {@code encrypted}, or the reference
     */
    @Schema(name = "Owner")
    public record OwnerView(
            @Schema(example = "people_owner") String user, @Schema(example = "encrypted") String credential) {}

    /**
     * What may be told about a database: all but its password.
     *
     * @param name its name in the topology
     * @param flavor {@code postgres}, {@code mysql} or {@code mariadb}
     * @param host a name or an address
     * @param port 1 to 65,535
     * @param database its name on the server
     * @param user whom to log in as
     * @param credential {@code encrypted}, or the reference
     * @param owner who migrates, where it is not the user
     * @param region where its data lies
     * @param properties parameters for the driver
     */
    @Schema(name = "Database")
    public record View(
            @Schema(example = "shard-1") String name,
            @Schema(example = "postgres") String flavor,
            @Schema(example = "db1.internal") String host,
            @Schema(example = "5432") int port,
            @Schema(example = "app") String database,
            @Schema(example = "app") String user,
            @Schema(example = "encrypted", description = "'encrypted', or the reference env:… or file:…")
                    String credential,
            @Nullable @JsonInclude(JsonInclude.Include.NON_NULL) OwnerView owner,
            @Nullable @Schema(example = "eu") @JsonInclude(JsonInclude.Include.NON_NULL) String region,
            @Schema(example = "{\"sslmode\":\"require\"}") Map<String, String> properties) {}

    /** The same with other credentials; that of an owner is passed over where there is none. */
    public DatabaseRow withCredentials(String other, @Nullable String ofOwner) {
        Owner migrates = owner == null || ofOwner == null ? owner : new Owner(owner.user, ofOwner);
        return new DatabaseRow(name, flavor, host, port, database, user, other, migrates, region, properties);
    }

    /** The same at another place, under its own logins. */
    public DatabaseRow at(String otherHost, int otherPort, String otherDatabase, Map<String, String> otherProperties) {
        return new DatabaseRow(
                name, flavor, otherHost, otherPort, otherDatabase, user, credential, owner, region, otherProperties);
    }

    /** The same with another owner, or with none. */
    public DatabaseRow withOwner(@Nullable Owner other) {
        return new DatabaseRow(name, flavor, host, port, database, user, credential, other, region, properties);
    }

    /** The application's login. */
    public LoginRow application() {
        return new LoginRow(name, false, endpoint(user, Secret.of("")), credential);
    }

    /** The login of who migrates, where it is not the application's. */
    public Optional<LoginRow> migrator() {
        return Optional.ofNullable(owner)
                .map(migrates -> new LoginRow(name, true, endpoint(migrates.user, Secret.of("")), migrates.credential));
    }

    /** Its logins, the application's first. */
    public Stream<LoginRow> logins() {
        return Stream.concat(Stream.of(application()), migrator().stream());
    }

    /** What may be told. */
    public View view() {
        OwnerView migrates = owner == null ? null : owner.view();
        return new View(
                name, flavor.id(), host, port, database, user, shown(credential), migrates, region, properties);
    }

    static String shown(String credential) {
        return Secret.isReference(credential) ? credential : "encrypted";
    }

    /**
     * The database as the topology has it, which also checks every part.
     *
     * @param password the application's
     * @param ofOwner the owner's; empty for who may not know it
     * @throws dev.anabranch.problem.AnabranchException where a part is not allowed
     */
    public Database with(Secret password, Secret ofOwner) {
        return with(password, ofOwner, List.of());
    }

    /** As {@link #with(Secret, Secret)}, with its replicas. */
    public Database with(Secret password, Secret ofOwner, List<Replica> replicas) {
        Login migrates = owner == null ? null : new Login(owner.user, ofOwner);
        return new Database(name, endpoint(user, password), migrates, region, replicas);
    }

    private Endpoint endpoint(String login, Secret password) {
        return new Endpoint(flavor, host, port, database, login, password, properties);
    }
}
