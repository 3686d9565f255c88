// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli.demo;

import dev.anabranch.cli.client.Change;
import dev.anabranch.cli.client.DirectoryClient;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** Fills the directory over its API, as a person would with the command line. */
final class DemoSetup {
    private static final String GROUP = "people";

    private final DirectoryClient directory;

    DemoSetup(DirectoryClient directory) {
        this.directory = directory;
    }

    /** Adds the databases and the group, and pins the three large customers. */
    void fill(DemoCluster cluster) {
        for (var name : DemoCluster.SHARDS) {
            var server = cluster.shard(name);
            apply(Change.put(
                    Change.path("databases", name),
                    Map.of(
                            "flavor", "postgres",
                            "host", server.host(),
                            "port", server.port(),
                            "database", DemoCluster.PEOPLE,
                            "user", DemoCluster.PEOPLE,
                            "password", cluster.password(name))));
        }
        // the third belongs to customer 3 alone
        var hashed = DemoCluster.SHARDS.subList(0, 2);
        apply(Change.put(
                Change.path("groups", GROUP), Map.of("kind", "sharded", "hash", hashed, "tenants", "any")));
        for (int i = 0; i < DemoOptions.LARGE.size(); i++) {
            apply(Change.put(
                    Change.path("groups", GROUP, "tenants", DemoOptions.LARGE.get(i)),
                    Map.of("database", DemoCluster.SHARDS.get(i))));
        }
    }

    /** Makes the service's token. */
    String appToken() {
        return apply(Change.post(Change.path("tokens"), Map.of("name", "people-service", "role", "app")))
                .path("token")
                .asString();
    }

    /** On which database the directory places each customer. */
    Map<String, String> placements(List<String> customers) {
        return customers.stream().collect(Collectors.toMap(customer -> customer, this::placement));
    }

    private String placement(String customer) {
        return directory
                .get(Change.path("groups", GROUP, "tenants", customer))
                .path("database")
                .asString();
    }

    private JsonNode apply(Change change) {
        return directory.apply(change, "anabranch demo", OptionalLong.empty());
    }
}
