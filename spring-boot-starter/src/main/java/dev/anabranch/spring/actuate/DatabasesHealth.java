// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.actuate;

import dev.anabranch.Anabranch;
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
 * would turn some tenants' outage into everybody's.
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
        databases.forEach(database -> details.put(database.database(), describe(database)));
        return Health.status(anyUp || databases.isEmpty() ? Status.UP : Status.DOWN)
                .withDetail("revision", anabranch.topology().revision())
                .withDetail("databases", details)
                .build();
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
