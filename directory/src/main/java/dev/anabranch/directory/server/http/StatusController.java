// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.http;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.anabranch.directory.server.security.Allowed;
import dev.anabranch.directory.server.store.Role;
import dev.anabranch.directory.server.store.TenantStore;
import dev.anabranch.directory.server.store.TopologyStore;
import dev.anabranch.directory.server.stream.RevisionWatch;
import dev.anabranch.directory.server.topology.Snapshots;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.info.BuildProperties;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** How the directory is. */
@RestController
@Tag(name = "Status")
class StatusController {
    private final Snapshots snapshots;
    private final TenantStore tenants;
    private final RevisionWatch watch;
    private final String version;

    StatusController(
            Snapshots snapshots, TenantStore tenants, RevisionWatch watch, ObjectProvider<BuildProperties> build) {
        this.snapshots = snapshots;
        this.tenants = tenants;
        this.watch = watch;
        BuildProperties known = build.getIfAvailable();
        this.version = known == null ? "unknown" : String.valueOf(known.getVersion());
    }

    /** The shard key. */
    record Key(@Schema(example = "customer_id") String column, @Schema(example = "text") String type) {}

    /** The status of the topology and of this node. */
    record Status(
            @Schema(example = "12") long revision,
            @JsonProperty("shard_key") Key shardKey,
            @Schema(example = "3") int databases,
            @Schema(example = "4") int replicas,
            @Schema(example = "2") int groups,
            @Schema(description = "Audiences of which something is said", example = "1") int audiences,
            @JsonProperty("listed_tenants") @Schema(example = "303") long listedTenants,
            @JsonProperty("unresolved_credentials")
                    @Schema(description = "Databases and replicas whose credential this node cannot resolve", example = "[]")
                    List<String> unresolvedCredentials,
            @Nullable @Schema(example = "0.1.0-SNAPSHOT") String version,
            @JsonProperty("uptime_seconds") @Schema(example = "86400") long uptimeSeconds,
            @Schema(description = "Change streams that are open on this node", example = "4") int subscribers) {}

    @GetMapping("/v1/status")
    @Allowed({Role.APP, Role.MIGRATOR, Role.VIEWER, Role.OPERATOR, Role.ADMIN})
    @Operation(summary = "Revision, shard key, counts, version, uptime, subscribers")
    ResponseEntity<Status> status() {
        TopologyStore.Stored stored = snapshots.current();
        Status status = new Status(
                stored.revision(),
                new Key(stored.shardKey().column(), stored.shardKey().type().id()),
                stored.databases().size(),
                stored.replicas().size(),
                stored.groups().size(),
                stored.audiences().size(),
                tenants.count(),
                snapshots.unresolved(),
                version,
                ManagementFactory.getRuntimeMXBean().getUptime() / 1000,
                watch.subscribers());
        return Answers.at(stored.revision(), status);
    }
}
