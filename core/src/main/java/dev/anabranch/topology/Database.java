// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.topology;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One primary that holds rows of groups, and the replicas that follow it.
 *
 * @param name the name that topology, messages and meters use
 * @param primary where reads and writes go, and as whom the application logs in
 * @param ownerLogin who owns the groups' schemas and migrates them, without a password where this process does not know
 *     it; null where the application's user does
 * @param regionName where its data lies, for example {@code eu}; null where nobody has said
 * @param replicas what follows the primary and answers reads, in the order given
 */
public record Database(
        String name,
        Endpoint primary,
        @Nullable Login ownerLogin,
        @Nullable String regionName,
        List<Replica> replicas) {
    /** Checks the names, and that the owner's address and the replicas are of the same kind of server. */
    public Database {
        Names.check("database", name);
        replicas = List.copyOf(replicas);
        for (Replica replica : replicas) {
            if (replica.endpoint().flavor() != primary.flavor()) {
                throw new AnabranchException(
                        ErrorCode.CONFIGURATION_INVALID,
                        "The replica '" + replica.name() + "' of the database '" + name + "' is one of "
                                + replica.endpoint().flavor().id() + ", and its primary one of " + primary.flavor().id(),
                        "Name servers that follow this primary");
            }
        }
        if (ownerLogin != null && ownerLogin.at(primary).flavor() != primary.flavor()) {
            throw new AnabranchException(
                    ErrorCode.CONFIGURATION_INVALID,
                    "The owner's address of the database '" + name + "' is one of " + ownerLogin.at(primary).flavor().id()
                            + ", and the application's one of " + primary.flavor().id(),
                    "Give the owner another way to the same database, or leave the owner's address out");
        }
        if (regionName != null) {
            Names.check("region", regionName);
        }
    }

    /** A database without replicas. */
    public Database(String name, Endpoint primary, @Nullable Login ownerLogin, @Nullable String regionName) {
        this(name, primary, ownerLogin, regionName, List.of());
    }

    /** A database without replicas that the application's own user migrates. */
    public Database(String name, Endpoint primary, @Nullable String regionName) {
        this(name, primary, null, regionName);
    }

    /** The replica of that name, where there is one. */
    public Optional<Replica> replica(String replica) {
        return replicas.stream().filter(one -> one.name().equals(replica)).findFirst();
    }

    /** Whether some replica is kept for an audience, which then reads there and nowhere else. */
    public boolean keepsFor(String audience) {
        return replicas.stream().anyMatch(replica -> replica.audiences().contains(audience));
    }

    /** The primary, logged in to as the owner of the schemas and on the owner's way to it; empty where the application's user owns them. */
    public Optional<Endpoint> owner() {
        return Optional.ofNullable(ownerLogin).map(login -> login.at(primary));
    }

    /** This database, and for a login without a password the one that another tells for the same place and user. */
    Database withSecretsOf(Database before) {
        Endpoint own = known(primary, Optional.of(before.primary));
        Login migrates = owner().map(endpoint -> known(endpoint, before.owner()))
                .map(endpoint -> new Login(endpoint.user(), endpoint.password(), Objects.requireNonNull(ownerLogin).url()))
                .orElse(null);
        List<Replica> follow = replicas.stream()
                .map(replica -> new Replica(
                        replica.name(),
                        known(replica.endpoint(), before.replica(replica.name()).map(Replica::endpoint)),
                        replica.weight(),
                        replica.audiences()))
                .toList();
        return new Database(name, own, migrates, regionName, follow);
    }

    private static Endpoint known(Endpoint told, Optional<Endpoint> before) {
        return before.filter(known -> told.password().isEmpty() && known.withoutPassword().equals(told))
                .orElse(told);
    }

    /** The schema of a group that names none: {@code public}, and with MariaDB and MySQL the database itself. */
    public String defaultSchema() {
        return flavor() == Flavor.POSTGRES ? "public" : primary.database();
    }

    /** Where its data lies. */
    public Optional<String> region() {
        return Optional.ofNullable(regionName);
    }

    /** The kind of server. */
    public Flavor flavor() {
        return primary.flavor();
    }
}
