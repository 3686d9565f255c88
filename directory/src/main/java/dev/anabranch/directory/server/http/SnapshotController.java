// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.http;

import dev.anabranch.directory.server.security.Allowed;
import dev.anabranch.directory.server.store.Role;
import dev.anabranch.directory.server.store.TokenRow;
import dev.anabranch.directory.server.topology.Addresses;
import dev.anabranch.directory.server.topology.Snapshots;
import dev.anabranch.topology.TopologyJson.Credentials;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What applications ask for: the snapshot, and a single tenant's address. */
@RestController
@Tag(name = "Applications")
class SnapshotController {
    private static final String SNAPSHOT = """
            {"revision":12,
             "shard_key":{"column":"customer_id","type":"text"},
             "databases":{"shard-1":{"flavor":"postgres","host":"db1.internal","port":5432,"database":"app","user":"app",
                                     "password":"only for the roles app and migrator",
                                     "owner":{"user":"people_owner","password":"only for the role migrator"},
                                     "replicas":[{"name":"shard-1-replica-1","at":{"host":"db1b.internal","port":5432,
                                                  "database":"app","user":"reader"},"weight":1,"audiences":["internal"]}]}},
             "audiences":{"internal":{"read_only":true}},
             "groups":{"people":{"kind":"sharded","buckets":[{"from":0,"to":4095,"database":"shard-1"}],
                                 "pinned":{"42":"shard-1"},"tenants":"any",
                                 "schema":{"name":"people","migrations":"db/people","entities":"people.jar"}}}}""";

    private final Snapshots snapshots;
    private final Addresses addresses;

    SnapshotController(Snapshots snapshots, Addresses addresses) {
        this.snapshots = snapshots;
        this.addresses = addresses;
    }

    @GetMapping(path = "/v1/snapshot", produces = MediaType.APPLICATION_JSON_VALUE)
    @Allowed({Role.APP, Role.MIGRATOR, Role.VIEWER, Role.OPERATOR, Role.ADMIN})
    @Operation(
            summary = "The topology of some groups",
            description = "With the databases that they need and no other. The applications' passwords are part"
                    + " of it for the roles app and migrator alone, and those of the owners who migrate for the role"
                    + " migrator alone. Honours If-None-Match.")
    @ApiResponse(
            responseCode = "200",
            content = @Content(mediaType = "application/json", examples = @ExampleObject(SNAPSHOT)))
    @ApiResponse(responseCode = "304", description = "Nothing has changed since", content = @Content)
    ResponseEntity<byte[]> snapshot(
            @RequestParam(name = "group", required = false) @Nullable List<String> groups,
            @RequestHeader(name = "If-None-Match", required = false) @Nullable String seen,
            TokenRow caller) {
        Credentials told = told(caller.role());
        Snapshots.Document document = snapshots.document(groups == null ? List.of() : groups, told);
        if (seen != null && matches(seen, document.etag())) {
            return ResponseEntity.status(304)
                    .eTag(document.etag())
                    .cacheControl(CacheControl.noCache().cachePrivate())
                    .build();
        }
        return ResponseEntity.ok()
                .eTag(document.etag())
                .header("X-Anabranch-Credentials", told == Credentials.NONE ? "withheld" : "included")
                .cacheControl(CacheControl.noCache().cachePrivate())
                .contentType(MediaType.APPLICATION_JSON)
                .body(document.json());
    }

    @GetMapping("/write/{tenant}")
    @Allowed({Role.APP, Role.MIGRATOR})
    @Operation(summary = "Where a tenant's writes go", description = "For programs in any language, with the application's password; never the owner's")
    ResponseEntity<Addresses.View> write(
            @PathVariable String tenant,
            @RequestParam(required = false) @Nullable String group,
            @Parameter(description = "Who asks; one that only reads is refused with read_only")
                    @RequestParam(required = false)
                    @Nullable String audience) {
        return address(addresses.write(group, tenant, audience));
    }

    @GetMapping("/read/{tenant}")
    @Allowed({Role.APP, Role.MIGRATOR})
    @Operation(
            summary = "Where a tenant's reads go",
            description = "For programs in any language, with the application's passwords; never the owner's. The primary,"
                    + " and the replicas that are kept for nobody, whose lag nobody has looked at; with an audience that"
                    + " replicas are kept for, these alone")
    ResponseEntity<Addresses.View> read(
            @PathVariable String tenant,
            @RequestParam(required = false) @Nullable String group,
            @Parameter(description = "Who asks") @RequestParam(required = false) @Nullable String audience) {
        return address(addresses.read(group, tenant, audience));
    }

    private static ResponseEntity<Addresses.View> address(Addresses.View view) {
        return ResponseEntity.ok()
                .cacheControl(CacheControl.noStore())
                .contentType(MediaType.APPLICATION_JSON)
                .body(view);
    }

    /** A role that is not known here, such as one of a newer directory over the same meta database, is told none. */
    private static Credentials told(String role) {
        return switch (Role.of(role).orElse(Role.VIEWER)) {
            case APP -> Credentials.APPLICATION;
            case MIGRATOR -> Credentials.ALL;
            case VIEWER, OPERATOR, ADMIN -> Credentials.NONE;
        };
    }

    private static boolean matches(String seen, String etag) {
        return seen.equals("*")
                || Arrays.stream(seen.split(",", -1))
                        .map(String::strip)
                        .map(tag -> tag.startsWith("W/") ? tag.substring(2) : tag)
                        .anyMatch(etag::equals);
    }
}
