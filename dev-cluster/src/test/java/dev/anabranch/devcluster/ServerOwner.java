// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

import java.io.IOException;

/** The program of a JVM that tests kill: starts servers, says which, and does as it is told. */
final class ServerOwner {

    private ServerOwner() {
    }

    @SuppressWarnings("SystemOut")
    public static void main(String[] arguments) throws IOException {
        var cluster = DevCluster.builder()
                .postgres("owned").standby("owned-standby", "owned").mariadb("owned-maria").start();
        for (var server : cluster.servers()) {
            if (arguments[0].equals("pause")) {
                server.pause();
            }
            System.out.println(server.pid() + " " + server.folder());
        }
        if (arguments[0].equals("exit")) {
            System.exit(0);
        }
        // until the pipe ends, so that it does not outlive the test either
        System.in.readAllBytes();
    }
}
