// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.http;

import dev.anabranch.directory.server.security.Allowed;
import dev.anabranch.directory.server.store.ChangeRequest;
import dev.anabranch.directory.server.store.Ledger;
import dev.anabranch.directory.server.store.Outcome;
import dev.anabranch.directory.server.store.Role;
import dev.anabranch.directory.server.topology.Audiences;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The audiences. */
@RestController
@RequestMapping("/v1/audiences")
@Tag(name = "Audiences")
class AudienceController {
    private final Audiences audiences;
    private final Ledger ledger;

    AudienceController(Audiences audiences, Ledger ledger) {
        this.audiences = audiences;
        this.ledger = ledger;
    }

    @GetMapping
    @Allowed({Role.VIEWER, Role.OPERATOR, Role.ADMIN})
    @Operation(
            summary = "All audiences",
            description = "Those that only a replica or a group's route names are among them")
    ResponseEntity<Page<Audiences.View>> list() {
        long revision = ledger.revision();
        return Answers.at(revision, new Page<>(audiences.all(), null));
    }

    @GetMapping("/{name}")
    @Allowed({Role.VIEWER, Role.OPERATOR, Role.ADMIN})
    @Operation(summary = "One audience")
    ResponseEntity<Audiences.View> get(@PathVariable String name) {
        long revision = ledger.revision();
        return Answers.at(revision, audiences.get(name));
    }

    @PutMapping("/{name}")
    @Allowed({Role.OPERATOR, Role.ADMIN})
    @Operation(
            summary = "Add an audience, or change it",
            description = "Of one that only reads, every connection goes where reads go and refuses a write")
    ResponseEntity<Outcome> put(@PathVariable String name, @RequestBody Audiences.Body body, ChangeRequest request) {
        return Answers.of(audiences.put(name, body, request));
    }

    @DeleteMapping("/{name}")
    @Allowed({Role.OPERATOR, Role.ADMIN})
    @Operation(
            summary = "Remove an audience",
            description = "Refused with audience_in_use while a replica is kept for it or a group has a route for it")
    ResponseEntity<Outcome> delete(@PathVariable String name, ChangeRequest request) {
        return Answers.of(audiences.delete(name, request));
    }
}
