// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.cli.process.OwnedProcess;
import dev.anabranch.cli.process.RandomSecret;
import dev.anabranch.cli.process.ServiceJar;
import dev.anabranch.cli.terminal.CliFailure;
import dev.anabranch.devcluster.Passwords;
import dev.anabranch.devcluster.PostgresServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A directory process over a meta database, as {@code serve} runs it; one shard is on the same server. */
final class RunningDirectory implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(90);

    private final PostgresServer server;
    private final OwnedProcess process;
    private final Path folder;
    private final String port;

    RunningDirectory(Path folder) throws Exception {
        this.folder = folder;
        server = PostgresServer.start("cli-test");
        var password = Passwords.random();
        server.createRole("anabranch", password);
        server.createDatabase("anabranch", "anabranch");
        var portFile = folder.resolve("port");
        process = OwnedProcess.start("directory", folder.resolve("directory.log"), Map.of(
                "ANABRANCH_META_URL", server.jdbcUrl("anabranch"),
                "ANABRANCH_META_USER", "anabranch",
                "ANABRANCH_META_PASSWORD", password,
                "ANABRANCH_ADMIN_TOKEN_FILE", folder.resolve("admin.token").toString(),
                "ANABRANCH_CREDENTIAL_KEY", RandomSecret.key(),
                "ANABRANCH_PORT", "0",
                "ANABRANCH_PORT_FILE", portFile.toString()), ServiceJar.DIRECTORY.command(Map.of(), List.of("-Xmx192m")));
        port = process.awaitFile(portFile, START);
    }

    /** Whether it was packaged: {@code mvn test} alone does not. */
    static boolean isBuilt() {
        try {
            ServiceJar.DIRECTORY.locate(Map.of());
            return true;
        } catch (CliFailure notThere) {
            return false;
        }
    }

    /** Calls the command line as an administrator. */
    Invocation call(String... arguments) {
        return callWith(Map.of("ANABRANCH_TOKEN_FILE", folder.resolve("admin.token").toString()), arguments);
    }

    /** Calls the command line with other variables than an administrator's. */
    Invocation callWith(Map<String, String> variables, String... arguments) {
        var environment = new HashMap<>(variables);
        environment.put("SHARDING_API_ENDPOINT", endpoint());
        return Invocation.in(environment, arguments);
    }

    String endpoint() {
        return "http://127.0.0.1:" + port;
    }

    /** Ends the directory; its meta database stays. */
    void stopDirectory() {
        process.close();
    }

    @Override
    public void close() {
        process.close();
        server.close();
    }
}
