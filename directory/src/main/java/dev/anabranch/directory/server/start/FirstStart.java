// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.start;

import dev.anabranch.directory.server.DirectoryProperties;
import dev.anabranch.directory.server.credential.Credentials;
import dev.anabranch.directory.server.security.AdminTokenFile;
import dev.anabranch.directory.server.store.DatabaseRow;
import dev.anabranch.directory.server.store.ReplicaRow;
import dev.anabranch.directory.server.store.TopologyStore;
import dev.anabranch.topology.ShardKey;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.stereotype.Component;

/** Writes what an empty meta database needs, before the first request. */
@Component
class FirstStart implements SmartInitializingSingleton {
    private static final Logger LOG = LoggerFactory.getLogger(FirstStart.class);

    private final DirectoryProperties properties;
    private final TopologyStore topology;
    private final Credentials credentials;
    private final AdminTokenFile adminToken;

    FirstStart(DirectoryProperties properties, TopologyStore topology, Credentials credentials, AdminTokenFile adminToken) {
        this.properties = properties;
        this.topology = topology;
        this.credentials = credentials;
        this.adminToken = adminToken;
    }

    @Override
    public void afterSingletonsInstantiated() {
        ShardKey wanted =
                new ShardKey(properties.shardKey().column(), properties.shardKey().type());
        ShardKey stored = topology.begin(wanted);
        if (!stored.equals(wanted)) {
            LOG.warn(
                    "The shard key is {} ({}), as stored; the configured {} ({}) is passed over",
                    stored.column(),
                    stored.type().id(),
                    wanted.column(),
                    wanted.type().id());
        }
        TopologyStore.Stored known = topology.read();
        credentials.checkKey(Stream.concat(
                        known.databases().values().stream().flatMap(DatabaseRow::logins),
                        known.replicas().stream().map(ReplicaRow::login))
                .toList());
        Path file = properties.adminTokenFile();
        if (file != null && !file.toString().isBlank()) {
            adminToken.ensure(file);
        }
    }
}
