// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.cli.terminal.OwnerFile;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/** The {@code SHARDING_} variables by which this command line opens what an application would open. */
final class ApplicationEnvironment {
    private ApplicationEnvironment() {}

    /**
     * The application's own variables where they are set, or those that make one of this command line's options.
     *
     * @param purpose names the file in which the last snapshot is kept
     */
    static Map<String, String> of(Session session, String purpose) {
        var environment = new HashMap<>(session.terminal().environment());
        if (session.options().endpoint == null && session.terminal().variable("SHARDING_MODE").isPresent()) {
            return environment;
        }
        var endpoint = session.endpoint().toString();
        var token = session.token().or(() -> session.terminal().variable("SHARDING_API_TOKEN"));
        if (token.isPresent()) {
            session.requireEncryption(session.endpoint());
        }
        environment.put("SHARDING_MODE", "api");
        environment.put("SHARDING_API_ENDPOINT", endpoint);
        if (token.isPresent()) {
            environment.put("SHARDING_API_TOKEN", token.get());
            // An application's own file stays as it is: under another token it could not be read any more.
            var id = UUID.nameUUIDFromBytes((endpoint + " " + token.get()).getBytes(StandardCharsets.UTF_8));
            var folder = OwnerFile.folder(Session.folder());
            environment.put("SHARDING_SNAPSHOT_FILE", folder.resolve(purpose + "-" + id + ".snapshot").toString());
        }
        return environment;
    }
}
