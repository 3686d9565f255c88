// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.http;

import dev.anabranch.directory.server.security.Allowed;
import dev.anabranch.directory.server.store.ChangeRequest;
import dev.anabranch.directory.server.store.DatabaseRow;
import dev.anabranch.directory.server.store.Ledger;
import dev.anabranch.directory.server.store.Outcome;
import dev.anabranch.directory.server.store.Role;
import dev.anabranch.directory.server.topology.Databases;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The databases; never with their passwords. */
@RestController
@RequestMapping("/v1/databases")
@Tag(name = "Databases")
class DatabaseController {
    private final Databases databases;
    private final Ledger ledger;

    DatabaseController(Databases databases, Ledger ledger) {
        this.databases = databases;
        this.ledger = ledger;
    }

    @GetMapping
    @Allowed({Role.VIEWER, Role.OPERATOR, Role.ADMIN})
    @Operation(summary = "All databases")
    ResponseEntity<Page<DatabaseRow.View>> list() {
        // The revision first: should it be older than the rest, If-Match refuses rather than overwrites.
        long revision = ledger.revision();
        return Answers.at(revision, new Page<>(databases.all(), null));
    }

    @GetMapping("/{name}")
    @Allowed({Role.VIEWER, Role.OPERATOR, Role.ADMIN})
    @Operation(summary = "One database")
    ResponseEntity<DatabaseRow.View> get(@PathVariable String name) {
        long revision = ledger.revision();
        return Answers.at(revision, databases.get(name));
    }

    @PutMapping("/{name}")
    @Allowed({Role.OPERATOR, Role.ADMIN})
    @Operation(
            summary = "Add a database, or replace its address or password",
            description = "Adding one moves no tenant. Without a password the stored one stays, and only the"
                    + " region may change; the same holds for the owner's. Without an owner the stored one stays, and"
                    + " \"owner\": null takes it away.")
    ResponseEntity<Outcome> put(
            @PathVariable String name,
            @RequestBody Databases.Body body,
            @Parameter(description = "Try the connections, and tell of them among the effects; nothing is refused for it. A"
                            + " reference is tried where it is stored for this address already, or by an admin; each"
                            + " trial is in the audit, of a dry run too")
                    @RequestParam(defaultValue = "false")
                    boolean check,
            ChangeRequest request) {
        return Answers.of(databases.put(name, body, request, check));
    }

    @DeleteMapping("/{name}")
    @Allowed({Role.OPERATOR, Role.ADMIN})
    @Operation(summary = "Remove a database", description = "Refused with database_in_use while anything names it")
    ResponseEntity<Outcome> delete(@PathVariable String name, ChangeRequest request) {
        return Answers.of(databases.delete(name, request));
    }
}
