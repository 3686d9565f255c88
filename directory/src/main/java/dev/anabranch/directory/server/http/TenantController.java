// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.http;

import dev.anabranch.directory.server.problem.ProblemCode;
import dev.anabranch.directory.server.problem.ProblemException;
import dev.anabranch.directory.server.security.Allowed;
import dev.anabranch.directory.server.store.ChangeRequest;
import dev.anabranch.directory.server.store.Outcome;
import dev.anabranch.directory.server.store.Role;
import dev.anabranch.directory.server.store.TenantRow;
import dev.anabranch.directory.server.topology.Tenants;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Where tenants are. */
@RestController
@RequestMapping("/v1/groups/{group}/tenants")
@Tag(name = "Tenants")
class TenantController {
    private final Tenants tenants;

    TenantController(Tenants tenants) {
        this.tenants = tenants;
    }

    /**
     * Where a tenant is to be.
     *
     * @param database where it is pinned; absent where its hash places it
     */
    @Schema(name = "PlacementBody")
    record Body(@Nullable @Schema(example = "shard-1", description = "Absent: listed, and placed by its hash") String database) {}

    @GetMapping
    @Allowed({Role.APP, Role.MIGRATOR, Role.VIEWER, Role.OPERATOR, Role.ADMIN})
    @Operation(summary = "The tenants that a group lists", description = "In the order of their bytes, after one id")
    Page<TenantRow> list(
            @PathVariable String group,
            @RequestParam(defaultValue = "") String after,
            @RequestParam(defaultValue = "100") int limit) {
        if (after.indexOf('\0') >= 0) {
            throw new ProblemException(ProblemCode.REQUEST_INVALID, "The parameter 'after' is no tenant id");
        }
        return Page.of(tenants.page(group, after, Page.checkedLimit(limit) + 1), limit, TenantRow::tenant);
    }

    @GetMapping("/{tenant}")
    @Allowed({Role.APP, Role.MIGRATOR, Role.VIEWER, Role.OPERATOR, Role.ADMIN})
    @Operation(
            summary = "Where a tenant is, and by which rule",
            description = "In a group that serves listed tenants alone, one that is not listed is tenant_unknown")
    ResponseEntity<Tenants.View> get(@PathVariable String group, @PathVariable String tenant) {
        Tenants.View view = tenants.find(group, tenant);
        return Answers.at(view.revision(), view);
    }

    @PutMapping("/{tenant}")
    @Allowed({Role.OPERATOR, Role.ADMIN})
    @Operation(
            summary = "List a tenant, or pin it to a database",
            description = "Refused with tenant_has_data while the tenant has rows that would stay behind, and with"
                    + " database_behind where the group begins to use the database and its schema is not as far there")
    ResponseEntity<Outcome> put(
            @PathVariable String group, @PathVariable String tenant, @RequestBody Body body, ChangeRequest request) {
        return Answers.of(tenants.put(group, tenant, body.database(), request));
    }

    @DeleteMapping("/{tenant}")
    @Allowed({Role.OPERATOR, Role.ADMIN})
    @Operation(
            summary = "Unlist a tenant, and unpin it",
            description = "Refused with tenant_has_data while the tenant has rows that would stay behind")
    ResponseEntity<Outcome> delete(@PathVariable String group, @PathVariable String tenant, ChangeRequest request) {
        return Answers.of(tenants.delete(group, tenant, request));
    }
}
