// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.http;

import dev.anabranch.directory.server.security.Allowed;
import dev.anabranch.directory.server.store.AuditStore;
import dev.anabranch.directory.server.store.Role;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Who has changed what. */
@RestController
@Tag(name = "Tokens and audit")
class AuditController {
    private final AuditStore audit;

    AuditController(AuditStore audit) {
        this.audit = audit;
    }

    @GetMapping("/v1/audit")
    @Allowed(Role.ADMIN)
    @Operation(summary = "Who has changed what, and why", description = "The newest first, before one id")
    Page<AuditStore.Entry> list(
            @RequestParam(defaultValue = "9223372036854775807") long before,
            @RequestParam(defaultValue = "100") int limit) {
        return Page.of(
                audit.page(before, Page.checkedLimit(limit) + 1), limit, entry -> Long.toString(entry.id()));
    }
}
