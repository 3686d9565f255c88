// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.topology;

import com.fasterxml.jackson.annotation.JsonProperty;
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
import dev.anabranch.directory.server.store.ReplicaRow;
import dev.anabranch.directory.server.store.ReplicaStore;
import dev.anabranch.topology.Replica;
import dev.anabranch.topology.Secret;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Failover, as far as the directory has a part in it: a replica's place becomes the primary's, in one revision.
 *
 * <p>No server is touched or asked: whoever promotes one does that first. The database's own login stays. An encrypted
 * password is bound to its address, and who may name an address must not thereby have it sent there: so it goes along
 * where an admin says so, where the replica's own password is the same, or where it is given again. A reference goes
 * along, as anybody who changes databases can write it.
 */
@Component
public class Promotions {
    private final Ledger ledger;
    private final DatabaseStore databases;
    private final ReplicaStore replicas;
    private final Credentials credentials;
    private final GroupStore groups;
    private final SchemaReadiness readiness;

    Promotions(
            Ledger ledger,
            DatabaseStore databases,
            ReplicaStore replicas,
            Credentials credentials,
            GroupStore groups,
            SchemaReadiness readiness) {
        this.ledger = ledger;
        this.databases = databases;
        this.replicas = replicas;
        this.credentials = credentials;
        this.groups = groups;
        this.readiness = readiness;
    }

    /**
     * What is to become of a database's servers.
     *
     * @param replica the replica whose place becomes the primary's
     * @param keepOldAs the name under which the old primary becomes a replica; where it is absent, it is not kept
     * @param password the application's password on the new primary; where it is absent, the stored one goes along
     * @param ownerPassword the owner's likewise
     */
    @Schema(name = "PromotionBody")
    public record Body(
            @Nullable @Schema(example = "reviews-replica-1") String replica,
            @Nullable
                    @JsonProperty("keep_old_as")
                    @Schema(
                            example = "reviews-old",
                            description = "The old primary becomes a replica of this name. Absent: it is not kept")
                    String keepOldAs,
            @Nullable
                    @Schema(
                            example = "env:REVIEWS_PASSWORD",
                            description = "The application's password or its reference. Absent: the stored one")
                    String password,
            @Nullable
                    @JsonProperty("owner_password")
                    @Schema(
                            example = "env:ANABRANCH_OWNER_REVIEWS",
                            description = "The owner's password or its reference. Absent: the stored one")
                    String ownerPassword) {
        @Override
        public String toString() {
            return "Body[" + replica + "]";
        }
    }

    /** Makes a replica the primary. */
    public Outcome promote(String name, Body body, ChangeRequest request) {
        String chosen = body.replica();
        if (chosen == null) {
            throw new ProblemException(
                    ProblemCode.REQUEST_INVALID,
                    "No replica of '" + name + "' is named",
                    List.of("Send {\"replica\":\"NAME\"}"));
        }
        if (chosen.equals(body.keepOldAs())) {
            // Else the same request a second time would make the old primary the primary again.
            throw Replicas.taken("'" + chosen + "' is the name of the replica that becomes the primary");
        }
        return ledger.apply(request, () -> {
            DatabaseRow before = databases.find(name).orElseThrow(() -> Databases.unknown(name));
            ReplicaRow replica = Replicas.found(replicas, name, chosen);
            DatabaseRow moved = before.at(replica.host(), replica.port(), replica.database(), before.properties());
            DatabaseRow after = moved.withCredentials(
                    application(before, moved, replica, body.password(), request),
                    before.owner() == null ? null : migrator(before, moved, body.ownerPassword(), request));
            List<String> effects = new ArrayList<>();
            replicas.delete(chosen);
            databases.put(after);
            keepOld(before, body.keepOldAs(), effects);
            effects.add("'" + chosen + "' is no replica any more; applications write to " + after.application().at().address()
                    + " from this revision on, and the server there must have been promoted");
            List<ReplicaRow> left = replicas.of(name);
            replica.audiences().stream()
                    .filter(audience -> left.stream().noneMatch(row -> row.audiences().contains(audience)))
                    .forEach(audience -> effects.add(Replicas.noLongerKept(name, audience)));
            groups.schemasOn(name).forEach((group, schema) -> readiness.refuseShared(group, schema, Set.of(name)));
            return new Change("database.promote", name, before.view(), after.view(), effects, true);
        });
    }

    private void keepOld(DatabaseRow before, @Nullable String name, List<String> effects) {
        String address = before.application().at().address();
        if (name == null) {
            effects.add("The old primary " + address + " is not kept");
            return;
        }
        if (databases.find(name).isPresent() || replicas.find(name).isPresent()) {
            throw Replicas.taken("There is something called '" + name + "' already");
        }
        ReplicaRow old = new ReplicaRow(
                name,
                before.name(),
                before.flavor(),
                before.host(),
                before.port(),
                before.database(),
                before.user(),
                "",
                Replica.USUAL_WEIGHT,
                new TreeSet<>(),
                before.properties());
        old.with(Secret.of(""));
        // To the address that it is stored for, so nobody gets what he did not have.
        replicas.put(old.withCredential(
                credentials.moved(before.application(), old.login()).orElseThrow(() -> closed(before.name()))));
        effects.add("The old primary " + address + " is kept as the replica '" + name
                + "'; it answers nothing until it follows the new one");
    }

    private String application(
            DatabaseRow before, DatabaseRow moved, ReplicaRow replica, @Nullable String given, ChangeRequest request) {
        if (given != null) {
            return credentials.stored(moved.application(), Databases.checked(before.name(), given)).credential();
        }
        boolean vouched = replica.user().equals(before.user()) && samePassword(before.application(), replica.login());
        return moved(before.application(), moved.application(), vouched || request.admin(), "password");
    }

    private String migrator(
            DatabaseRow before,
            DatabaseRow moved,
            @Nullable String given,
            ChangeRequest request) {
        LoginRow from = before.migrator().orElseThrow();
        LoginRow to = moved.migrator().orElseThrow();
        if (given != null) {
            return credentials.stored(to, Databases.checked(from.label(), given)).credential();
        }
        return moved(from, to, request.admin(), "owner_password");
    }

    private String moved(LoginRow from, LoginRow to, boolean allowed, String member) {
        if (!allowed && !Secret.isReference(from.credential())) {
            throw new ProblemException(
                    ProblemCode.CREDENTIAL_REQUIRED,
                    "The stored password of '" + from.label() + "' is encrypted for " + from.at().address()
                            + ", and only an admin has it sent to another address unasked",
                    List.of(
                            "Give it again as \"" + member + "\", or its reference",
                            "Or let an admin promote the replica"));
        }
        return credentials.moved(from, to).orElseThrow(() -> closed(from.label()));
    }

    private boolean samePassword(LoginRow one, LoginRow other) {
        Optional<Secret> password = credentials.passwordOf(one);
        return password.isPresent() && password.equals(credentials.passwordOf(other));
    }

    private static ProblemException closed(String label) {
        return new ProblemException(
                ProblemCode.CREDENTIAL_UNRESOLVED,
                "The stored password of '" + label + "' cannot be decrypted on this node, so it cannot go along");
    }
}
