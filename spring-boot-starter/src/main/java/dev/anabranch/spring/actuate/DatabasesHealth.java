// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.actuate;

import dev.anabranch.Anabranch;
import dev.anabranch.consistency.ReplicaStatus;
import dev.anabranch.routing.DatabaseStatus;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;

/**
 * Asks each database whether it answers.
 *
 * <p>The whole is up as long as one of them is: to take an instance out of service because one shard of many is down
 * would turn some tenants' outage into everybody's. A replica that is out of rotation counts for nothing: others answer.
 */
final class DatabasesHealth implements HealthIndicator {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private final Anabranch anabranch;

    DatabasesHealth(Anabranch anabranch) {
        this.anabranch = anabranch;
    }

    @Override
    public Health health() {
        List<DatabaseStatus> databases = anabranch.ping(TIMEOUT);
        boolean anyUp = databases.stream().anyMatch(DatabaseStatus::isUp);
        Map<String, Object> details = new LinkedHashMap<>();
        List<ReplicaStatus> replicas = anabranch.replicas();
        databases.forEach(database -> {
            Map<String, Object> figures = describe(database);
            Map<String, Object> own = new LinkedHashMap<>();
            replicas.stream()
                    .filter(replica -> replica.database().equals(database.database()))
                    .forEach(replica -> own.put(replica.replica(), describe(replica)));
            if (!own.isEmpty()) {
                figures.put("replicas", own);
            }
            details.put(database.database(), figures);
        });
        return Health.status(anyUp || databases.isEmpty() ? Status.UP : Status.DOWN)
                .withDetail("revision", anabranch.topology().revision())
                .withDetail("databases", details)
                .build();
    }

    private static Map<String, Object> describe(ReplicaStatus replica) {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("inRotation", replica.inRotation());
        replica.lag().ifPresent(lag -> figures.put("lagMs", lag.toMillis()));
        if (replica.reason() != null) {
            figures.put("reason", replica.reason());
        }
        figures.put("outstanding", replica.outstanding());
        if (!replica.audiences().isEmpty()) {
            figures.put("audiences", replica.audiences().stream().sorted().toList());
        }
        return figures;
    }

    private static Map<String, Object> describe(DatabaseStatus database) {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("status", (database.isUp() ? Status.UP : Status.DOWN).getCode());
        figures.put("active", database.active());
        figures.put("idle", database.idle());
        figures.put("waiting", database.waiting());
        figures.put("max", database.most());
        if (database.downSince() != null) {
            figures.put("since", database.downSince().toString());
        }
        return figures;
    }
}
