// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.http;

import dev.anabranch.directory.server.security.Allowed;
import dev.anabranch.directory.server.store.ChangeRequest;
import dev.anabranch.directory.server.store.Ledger;
import dev.anabranch.directory.server.store.Outcome;
import dev.anabranch.directory.server.store.ReplicaRow;
import dev.anabranch.directory.server.store.Role;
import dev.anabranch.directory.server.topology.Promotions;
import dev.anabranch.directory.server.topology.Replicas;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The replicas of a database; never with their passwords. */
@RestController
@RequestMapping("/v1/databases/{database}")
@Tag(name = "Databases")
class ReplicaController {
    private final Replicas replicas;
    private final Promotions promotions;
    private final Ledger ledger;

    ReplicaController(Replicas replicas, Promotions promotions, Ledger ledger) {
        this.replicas = replicas;
        this.promotions = promotions;
        this.ledger = ledger;
    }

    @GetMapping("/replicas")
    @Allowed({Role.VIEWER, Role.OPERATOR, Role.ADMIN})
    @Operation(summary = "All replicas of a database")
    ResponseEntity<Page<ReplicaRow.View>> list(@PathVariable String database) {
        long revision = ledger.revision();
        return Answers.at(revision, new Page<>(replicas.of(database), null));
    }

    @GetMapping("/replicas/{replica}")
    @Allowed({Role.VIEWER, Role.OPERATOR, Role.ADMIN})
    @Operation(summary = "One replica of a database")
    ResponseEntity<ReplicaRow.View> get(@PathVariable String database, @PathVariable String replica) {
        long revision = ledger.revision();
        return Answers.at(revision, replicas.get(database, replica));
    }

    @PutMapping("/replicas/{replica}")
    @Allowed({Role.OPERATOR, Role.ADMIN})
    @Operation(
            summary = "Add a replica, or replace its address, password, weight or audiences",
            description = "Applications read from it as soon as it follows the primary. Without a password the stored one"
                    + " stays, and address and user may not change. Refused with name_taken where a database or a replica"
                    + " of another database is called so.")
    ResponseEntity<Outcome> put(
            @PathVariable String database,
            @PathVariable String replica,
            @RequestBody Replicas.Body body,
            @Parameter(description = "Try the connection, and tell of it among the effects; nothing is refused for it. A"
                            + " reference is tried where it is stored for this address already, or by an admin; each"
                            + " trial is in the audit, of a dry run too")
                    @RequestParam(defaultValue = "false")
                    boolean check,
            ChangeRequest request) {
        return Answers.of(replicas.put(database, replica, body, request, check));
    }

    @DeleteMapping("/replicas/{replica}")
    @Allowed({Role.OPERATOR, Role.ADMIN})
    @Operation(summary = "Remove a replica", description = "Its reads go to the others, or to the primary")
    ResponseEntity<Outcome> delete(
            @PathVariable String database, @PathVariable String replica, ChangeRequest request) {
        return Answers.of(replicas.delete(database, replica, request));
    }

    @PostMapping("/promote")
    @Allowed({Role.OPERATOR, Role.ADMIN})
    @Operation(
            summary = "Make a replica the primary",
            description = "For failover: from this revision on the replica's place is the primary's, with the database's own"
                    + " login. The server itself is promoted by whoever runs it, before. An encrypted password goes along"
                    + " where an admin asks, where the replica's is the same, or where it is given again; else it is"
                    + " credential_required.")
    ResponseEntity<Outcome> promote(
            @PathVariable String database, @RequestBody Promotions.Body body, ChangeRequest request) {
        return Answers.of(promotions.promote(database, body, request));
    }
}
