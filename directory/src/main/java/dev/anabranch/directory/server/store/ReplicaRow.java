// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.store;

import dev.anabranch.topology.Endpoint;
import dev.anabranch.topology.Flavor;
import dev.anabranch.topology.Replica;
import dev.anabranch.topology.Secret;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A replica as it is stored.
 *
 * @param name its name in the topology
 * @param of the name of the database whose primary it follows
 * @param flavor the kind of server, which is its database's
 * @param host a name or an address
 * @param port 1 to 65,535
 * @param database the database's name on the server
 * @param user whom applications log in as
 * @param credential {@code env:…}, {@code file:…} or {@code sealed:…}; empty where none is given yet
 * @param weight its share of the reads
 * @param audiences whom it serves and nobody else; empty for all that no replica of the database is kept for
 * @param properties parameters for the driver
 */
public record ReplicaRow(
        String name,
        String of,
        Flavor flavor,
        String host,
        int port,
        String database,
        String user,
        String credential,
        int weight,
        Set<String> audiences,
        Map<String, String> properties) {

    /**
     * What may be told about a replica: all but its password.
     *
     * @param name its name in the topology
     * @param of the database whose primary it follows
     * @param flavor {@code postgres}, {@code mysql} or {@code mariadb}
     * @param host a name or an address
     * @param port 1 to 65,535
     * @param database the database's name on the server
     * @param user whom applications log in as
     * @param credential {@code encrypted}, or the reference
     * @param weight its share of the reads
     * @param audiences whom it serves and nobody else
     * @param properties parameters for the driver
     */
    @Schema(name = "Replica")
    public record View(
            @Schema(example = "reviews-replica-1") String name,
            @Schema(example = "reviews", description = "The database whose primary it follows") String of,
            @Schema(example = "postgres") String flavor,
            @Schema(example = "db3b.internal") String host,
            @Schema(example = "5432") int port,
            @Schema(example = "app") String database,
            @Schema(example = "reader") String user,
            @Schema(example = "encrypted", description = "'encrypted', or the reference env:… or file:…")
                    String credential,
            @Schema(example = "1") int weight,
            @Schema(
                            example = "[\"internal\"]",
                            description = "Whom it serves and nobody else; empty: all that no replica of the database is"
                                    + " kept for")
                    List<String> audiences,
            @Schema(example = "{\"sslmode\":\"require\"}") Map<String, String> properties) {}

    /** The same with another credential. */
    public ReplicaRow withCredential(String other) {
        return new ReplicaRow(name, of, flavor, host, port, database, user, other, weight, audiences, properties);
    }

    /** The application's login. */
    public LoginRow login() {
        return new LoginRow(name, false, endpoint(Secret.of("")), credential);
    }

    /** What may be told. */
    public View view() {
        return new View(
                name,
                of,
                flavor.id(),
                host,
                port,
                database,
                user,
                DatabaseRow.shown(credential),
                weight,
                List.copyOf(audiences),
                properties);
    }

    /**
     * The replica as the topology has it, which also checks every part.
     *
     * @throws dev.anabranch.problem.AnabranchException where a part is not allowed
     */
    public Replica with(Secret password) {
        return new Replica(name, endpoint(password), weight, audiences);
    }

    private Endpoint endpoint(Secret password) {
        return new Endpoint(flavor, host, port, database, user, password, properties);
    }
}
