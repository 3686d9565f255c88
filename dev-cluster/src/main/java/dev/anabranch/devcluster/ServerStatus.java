// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

import java.nio.file.Path;

/**
 * One server of a {@link DetachedCluster} as its state file has it.
 *
 * @param name the name it was started under
 * @param flavor what it speaks
 * @param host always 127.0.0.1
 * @param port its TCP port; 0 if it was never up
 * @param pid its process when it came up; 0 if it was never up
 * @param user the superuser's name
 * @param password the superuser's password, not part of {@link #toString()}
 * @param folder the folder with its data and log
 * @param running whether that process lives
 */
public record ServerStatus(String name, Flavor flavor, String host, int port, long pid, String user, String password,
        Path folder, boolean running) {

    /** The URL of one of its databases, without credentials. */
    public String jdbcUrl(String database) {
        return flavor.jdbcUrl(host, port, database);
    }

    /** All but the password. */
    @Override
    public String toString() {
        return flavor + " \"" + name + "\" on " + host + ":" + port + ", pid " + pid
                + (running ? ", running" : ", not running") + ", in " + folder;
    }
}
