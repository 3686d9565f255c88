// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.http;

import dev.anabranch.directory.server.security.Allowed;
import dev.anabranch.directory.server.store.ChangeRequest;
import dev.anabranch.directory.server.store.Ledger;
import dev.anabranch.directory.server.store.Outcome;
import dev.anabranch.directory.server.store.Role;
import dev.anabranch.directory.server.topology.GroupMigrations;
import dev.anabranch.directory.server.topology.Groups;
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

/** The groups. */
@RestController
@RequestMapping("/v1/groups")
@Tag(name = "Groups")
class GroupController {
    private final Groups groups;
    private final GroupMigrations migrations;
    private final Ledger ledger;

    GroupController(Groups groups, GroupMigrations migrations, Ledger ledger) {
        this.migrations = migrations;
        this.groups = groups;
        this.ledger = ledger;
    }

    @GetMapping
    @Allowed({Role.VIEWER, Role.OPERATOR, Role.ADMIN})
    @Operation(summary = "All groups")
    ResponseEntity<Page<Groups.View>> list() {
        long revision = ledger.revision();
        return Answers.at(revision, new Page<>(groups.all(), null));
    }

    @GetMapping("/{name}")
    @Allowed({Role.VIEWER, Role.OPERATOR, Role.ADMIN})
    @Operation(summary = "One group")
    ResponseEntity<Groups.View> get(@PathVariable String name) {
        long revision = ledger.revision();
        return Answers.at(revision, groups.get(name));
    }

    @GetMapping("/{name}/migrations")
    @Allowed({Role.VIEWER, Role.MIGRATOR, Role.OPERATOR, Role.ADMIN})
    @Operation(
            summary = "How far the group's schema is on each of its databases",
            description = "Read from the databases' own histories now, relative to the one that is furthest")
    ResponseEntity<GroupMigrations.View> migrations(@PathVariable String name) {
        GroupMigrations.View view = migrations.of(name);
        return Answers.at(view.revision(), view);
    }

    @PutMapping("/{name}")
    @Allowed({Role.OPERATOR, Role.ADMIN})
    @Operation(
            summary = "Add a group, or change it",
            description = "Refused with buckets_in_use where buckets would belong to another database than before, with"
                    + " database_behind where the group's schema is not as far on a database as on the others, and with"
                    + " schema_fixed where its schema would get another name. Without schema the stored one stays.")
    ResponseEntity<Outcome> put(@PathVariable String name, @RequestBody Groups.Body body, ChangeRequest request) {
        return Answers.of(groups.put(name, body, request));
    }

    @DeleteMapping("/{name}")
    @Allowed({Role.OPERATOR, Role.ADMIN})
    @Operation(summary = "Remove a group", description = "With force alone, hence by an admin: nothing says any more where its rows are")
    ResponseEntity<Outcome> delete(@PathVariable String name, ChangeRequest request) {
        return Answers.of(groups.delete(name, request));
    }
}
