// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

import java.nio.file.Files;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class DevClusterTest {

    @Test
    void startsNamedServersOfBothFlavors() throws Exception {
        var cluster = DevCluster.builder()
                .postgres("shard-1", "shard-2")
                .postgres("small", ServerOptions.defaults().withMaxConnections(30))
                .mariadb("maria")
                .start();
        try (cluster) {
            assertThat(cluster.servers()).extracting(DatabaseServer::name)
                    .containsExactly("shard-1", "shard-2", "small", "maria");
            assertThat(cluster.servers()).extracting(DatabaseServer::port).doesNotHaveDuplicates();
            assertThat(cluster.servers()).extracting(DatabaseServer::password).doesNotHaveDuplicates();
            cluster.postgres("shard-2").createDatabase("it's \"mine\"");
            cluster.postgres("shard-2").createRole("o'role", "p'w");
            cluster.postgres("shard-2").connect("postgres", "o'role", "p'w").close();
            cluster.mariadb("maria").createDatabase("app");
            assertThatThrownBy(() -> cluster.postgres("maria"))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContainingAll("\"maria\"", "shard-1");
        }
        cluster.close();
        assertThat(cluster.servers()).allSatisfy(server -> assertThat(server.folder()).doesNotExist());
    }

    @Test
    void leavesNoneWhenOneFails() throws Exception {
        var broken = ServerOptions.defaults().withSetting("work_mem", "lots");
        assertThatThrownBy(() -> DevCluster.builder().postgres("fine-one").postgres("bad-one", broken).start())
                .isInstanceOf(DevClusterException.class).hasMessageContaining("bad-one");
        try (var left = Files.newDirectoryStream(Home.ofUser().servers(), "{fine,bad}-one-*")) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void refusesTwoOfOneName() {
        assertThatThrownBy(() -> DevCluster.builder().postgres("twin").mariadb("twin"))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("\"twin\"");
    }
}
