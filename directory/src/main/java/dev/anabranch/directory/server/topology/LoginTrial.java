// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.topology;

import dev.anabranch.directory.server.credential.Credentials;
import dev.anabranch.directory.server.store.Change;
import dev.anabranch.directory.server.store.ChangeRequest;
import dev.anabranch.directory.server.store.DatabaseRow;
import dev.anabranch.directory.server.store.DatabaseStore;
import dev.anabranch.directory.server.store.Ledger;
import dev.anabranch.directory.server.store.LoginRow;
import dev.anabranch.directory.server.store.ReplicaRow;
import dev.anabranch.directory.server.store.ReplicaStore;
import dev.anabranch.topology.Secret;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Tries the logins of a database that is about to be stored.
 *
 * <p>The address is the caller's own choice, so a secret that the caller does not know goes there only where it is stored
 * for that very address already, or for an admin. Each trial is in the audit before it begins, of a dry run too.
 */
@Component
class LoginTrial {
    private final Ledger ledger;
    private final DatabaseStore store;
    private final ReplicaStore replicas;
    private final Credentials credentials;

    LoginTrial(Ledger ledger, DatabaseStore store, ReplicaStore replicas, Credentials credentials) {
        this.ledger = ledger;
        this.store = store;
        this.replicas = replicas;
        this.credentials = credentials;
    }

    /**
     * One sentence for each login: whether a connection can be made from here, or that none was tried.
     *
     * @param application the application's login where its password or reference is given
     * @param migrator the owner's likewise
     */
    List<String> of(
            DatabaseRow planned, @Nullable LoginRow application, @Nullable LoginRow migrator, ChangeRequest request) {
        Optional<DatabaseRow> before = store.find(planned.name());
        Map<LoginRow, Secret> tried = new LinkedHashMap<>();
        List<String> sentences = new ArrayList<>();
        for (LoginRow login : planned.logins().toList()) {
            LoginRow fresh = login.owner() ? migrator : application;
            LoginRow known = before.flatMap(row -> login.owner() ? row.migrator() : Optional.of(row.application()))
                    .filter(row -> row.at().equals(login.at()))
                    .orElse(null);
            LoginRow row = fresh == null ? known : fresh;
            if (row == null) {
                continue;
            }
            boolean typed = fresh != null && !Secret.isReference(fresh.credential());
            if (typed || row.equals(known) || request.admin()) {
                credentials.passwordOf(row).ifPresent(password -> tried.put(row, password));
            } else {
                sentences.add(notTried(login));
            }
        }
        if (!tried.isEmpty()) {
            List<String> whom = tried.keySet().stream()
                    .map(row -> row.at().user() + " at " + row.at().address())
                    .toList();
            ledger.note(
                    request,
                    new Change(
                            "database.try",
                            planned.name(),
                            before.map(DatabaseRow::view).orElse(null),
                            audited(planned, before.orElse(null), application, migrator),
                            whom,
                            false));
        }
        tried.forEach((row, password) -> sentences.add(ShardConnection.tried(row, password)));
        return sentences;
    }

    /** As for a database: of a replica's one login. */
    List<String> of(ReplicaRow planned, @Nullable LoginRow fresh, ChangeRequest request) {
        Optional<ReplicaRow> before = replicas.find(planned.name());
        LoginRow known = before.map(ReplicaRow::login)
                .filter(row -> row.at().equals(planned.login().at()))
                .orElse(null);
        LoginRow row = fresh == null ? known : fresh;
        if (row == null) {
            return List.of();
        }
        boolean typed = fresh != null && !Secret.isReference(fresh.credential());
        if (!typed && !row.equals(known) && !request.admin()) {
            return List.of(notTried(row));
        }
        Optional<Secret> password = credentials.passwordOf(row);
        if (password.isEmpty()) {
            return List.of();
        }
        ledger.note(
                request,
                new Change(
                        "replica.try",
                        planned.of() + "/" + planned.name(),
                        before.map(ReplicaRow::view).orElse(null),
                        planned.withCredential(row.credential()).view(),
                        List.of(row.at().user() + " at " + row.at().address()),
                        false));
        return List.of(ShardConnection.tried(row, password.get()));
    }

    private static String notTried(LoginRow login) {
        return (login.owner() ? "The owner '" : "The user '") + login.at().user()
                + "' was not tried: only an admin has a reference tried before it is stored for this address";
    }

    private static DatabaseRow.View audited(
            DatabaseRow planned,
            @Nullable DatabaseRow before,
            @Nullable LoginRow application,
            @Nullable LoginRow migrator) {
        String stored = before == null ? "" : before.credential();
        String storedOwners = before == null || before.owner() == null ? "" : before.owner().credential();
        return planned.withCredentials(
                        application == null ? stored : application.credential(),
                        migrator == null ? storedOwners : migrator.credential())
                .view();
    }
}
