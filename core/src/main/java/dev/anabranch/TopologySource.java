// SPDX-License-Identifier: Apache-2.0
package dev.anabranch;

import dev.anabranch.directory.Directory;
import dev.anabranch.directory.LocalDirectory;
import dev.anabranch.directory.RemoteDirectory;
import dev.anabranch.directory.SnapshotFile;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.topology.Secret;
import dev.anabranch.topology.Topology;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where the topology comes from. */
public sealed interface TopologySource {

    /** The directory of this source, for an application that uses these groups. */
    Directory open(List<String> groups);

    /**
     * A topology that is known already: from a file, from the environment, or made in code.
     *
     * @param topology the topology
     */
    record Fixed(Topology topology) implements TopologySource {
        @Override
        public Directory open(List<String> groups) {
            return new LocalDirectory(topology);
        }
    }

    /**
     * The directory service.
     *
     * @param endpoint its address, for example {@code http://localhost:8400}
     * @param token a token of the role {@code app}
     * @param snapshotFile where the last topology is kept, or null to keep none
     * @param shardKeyColumn the shard key that the application counts on, or null to take the directory's word
     */
    record Service(URI endpoint, Secret token, @Nullable Path snapshotFile, @Nullable String shardKeyColumn)
            implements TopologySource {
        @Override
        public Directory open(List<String> groups) {
            SnapshotFile file = snapshotFile == null ? null : new SnapshotFile(snapshotFile, token);
            Directory directory = new RemoteDirectory(endpoint, token, groups, file);
            String column = directory.topology().shardKey().column();
            if (shardKeyColumn != null && !shardKeyColumn.equals(column)) {
                directory.close();
                throw new AnabranchException(
                        ErrorCode.CONFIGURATION_INVALID,
                        "SHARDING_IDENTIFIER_FIELD is '" + shardKeyColumn + "', and the directory " + endpoint
                                + " says '" + column + "'",
                        "Set the directory's shard key, or leave the variable out");
            }
            return directory;
        }
    }
}
