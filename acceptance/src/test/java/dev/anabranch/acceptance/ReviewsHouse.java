// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.acceptance;

import dev.anabranch.cli.process.OwnedProcess;
import dev.anabranch.cli.process.ServiceJar;
import dev.anabranch.devcluster.DevCluster;
import dev.anabranch.devcluster.PostgresServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Two instances of the reviews service over a primary for products, and one with two standbys for reviews. */
final class ReviewsHouse implements AutoCloseable {
    static final List<String> STANDBYS = List.of("reviews-replica-1", "reviews-replica-2");

    private static final Duration START = Duration.ofSeconds(90);
    private static final String OWNER = "migrator";
    private static final String PASSWORD = "migrates-and-reads-42";

    private final DevCluster servers;
    private final List<OwnedProcess> processes = new ArrayList<>();
    private final List<URI> instances = new ArrayList<>();

    private ReviewsHouse(DevCluster servers) {
        this.servers = servers;
    }

    static ReviewsHouse start(Path folder) throws SQLException, IOException {
        DevCluster.Builder builder = DevCluster.builder().postgres("main", "reviews");
        STANDBYS.forEach(name -> builder.standby(name, "reviews"));
        ReviewsHouse house = new ReviewsHouse(builder.start());
        try {
            house.fill(folder);
            return house;
        } catch (SQLException | IOException | RuntimeException e) {
            house.close();
            throw e;
        }
    }

    private void fill(Path folder) throws SQLException, IOException {
        for (String name : List.of("main", "reviews")) {
            PostgresServer server = servers.postgres(name);
            server.createRole(OWNER, PASSWORD);
            server.execute("postgres", "alter role " + OWNER + " createrole");
            server.createDatabase(name, OWNER);
        }
        Path topology = Files.writeString(
                folder.resolve("anabranch.yaml"),
                """
                databases:
                  main: {url: "%s", user: shop_app, password: "env:REVIEWS_PASSWORD",
                         owner: {user: migrator, password: "env:MIGRATOR_PASSWORD"}}
                  reviews:
                    url: "%s"
                    user: reviews_app
                    password: "env:REVIEWS_PASSWORD"
                    owner: {user: migrator, password: "env:MIGRATOR_PASSWORD"}
                    replicas:
                      - {name: reviews-replica-1, url: "%s"}
                      - {name: reviews-replica-2, url: "%s"}
                audiences: {public: {}, draft: {}, internal: {readOnly: true}}
                groups:
                  default: {kind: global, database: main, schema: shop}
                  reviews: {kind: global, database: reviews, schema: reviews}
                """
                        .formatted(
                                servers.postgres("main").jdbcUrl("main"),
                                primary().jdbcUrl("reviews"),
                                standby(0).jdbcUrl("reviews"),
                                standby(1).jdbcUrl("reviews")));
        for (int i = 1; i <= 2; i++) {
            instances.add(startInstance(folder, topology, i));
        }
    }

    private URI startInstance(Path folder, Path topology, int number) {
        Path port = folder.resolve("reviews-" + number + ".port");
        Map<String, String> environment = Map.of(
                "SHARDING_MODE", "standalone",
                "SHARDING_CONFIG", topology.toString(),
                "SHARDING_CONSISTENCY_KEYS", "a-key-that-both-instances-have-0123456789",
                "REVIEWS_PASSWORD", "reviews-app-42",
                "MIGRATOR_PASSWORD", PASSWORD,
                // A thousand callers, on a slow machine.
                "SHARDING_CONNECTION_TIMEOUT_MS", "20000",
                "PORT", "0",
                "PORT_FILE", port.toString());
        OwnedProcess process = OwnedProcess.start(
                "reviews-" + number,
                folder.resolve("reviews-" + number + ".log"),
                environment,
                ServiceJar.REVIEWS.command(System.getenv(), List.of("-XX:+UseSerialGC", "-Xmx384m")));
        processes.add(process);
        return URI.create("http://127.0.0.1:" + process.awaitFile(port, START));
    }

    /** The two instances of the service. */
    List<URI> instances() {
        return instances;
    }

    PostgresServer primary() {
        return servers.postgres("reviews");
    }

    PostgresServer standby(int index) {
        return servers.postgres(STANDBYS.get(index));
    }

    @Override
    public void close() {
        processes.reversed().forEach(OwnedProcess::close);
        servers.close();
    }
}
