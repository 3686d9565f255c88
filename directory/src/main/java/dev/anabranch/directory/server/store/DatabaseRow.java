// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.store;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Endpoint;
import dev.anabranch.topology.Flavor;
import dev.anabranch.topology.Secret;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A database as it is stored.
 *
 * @param name its name in the topology
 * @param flavor the kind of server
 * @param host a name or an address
 * @param port 1 to 65,535
 * @param database its name on the server
 * @param user whom to log in as
 * @param credential {@code env:…}, {@code file:…} or {@code sealed:…}
 * @param region where its data lies, or null
 * @param properties parameters for the driver
 */
public record DatabaseRow(
        String name,
        Flavor flavor,
        String host,
        int port,
        String database,
        String user,
        String credential,
        @Nullable String region,
        Map<String, String> properties) {

    /**
     * What may be told about a database: all but its password.
     *
     * @param name its name in the topology
     * @param flavor {@code postgres}, {@code mysql} or {@code mariadb}
     * @param host a name or an address
     * @param port 1 to 65,535
     * @param database its name on the server
     * @param user whom to log in as
     * @param credential {@code encrypted}, or the reference
     * @param region where its data lies
     * @param properties parameters for the driver
     */
    @Schema(name = "Database")
    public record View(
            @Schema(example = "shard-1") String name,
            @Schema(example = "postgres") String flavor,
            @Schema(example = "db1.internal") String host,
            @Schema(example = "5432") int port,
            @Schema(example = "app") String database,
            @Schema(example = "app") String user,
            @Schema(example = "encrypted", description = "'encrypted', or the reference env:… or file:…")
                    String credential,
            @Nullable @Schema(example = "eu") @JsonInclude(JsonInclude.Include.NON_NULL) String region,
            @Schema(example = "{\"sslmode\":\"require\"}") Map<String, String> properties) {}

    /** The same with another credential. */
    public DatabaseRow withCredential(String other) {
        return new DatabaseRow(name, flavor, host, port, database, user, other, region, properties);
    }

    /** Whether a password for the other row goes to the same place in the same way; the region does not matter. */
    public boolean leadsWhere(DatabaseRow other) {
        return flavor == other.flavor
                && host.equals(other.host)
                && port == other.port
                && database.equals(other.database)
                && user.equals(other.user)
                && properties.equals(other.properties);
    }

    /** What may be told. */
    public View view() {
        String shown = Secret.isReference(credential) ? credential : "encrypted";
        return new View(name, flavor.id(), host, port, database, user, shown, region, properties);
    }

    /**
     * The database as the topology has it, which also checks every part.
     *
     * @throws dev.anabranch.problem.AnabranchException where a part is not allowed
     */
    public Database with(Secret password) {
        return new Database(name, new Endpoint(flavor, host, port, database, user, password, properties), region);
    }
}
