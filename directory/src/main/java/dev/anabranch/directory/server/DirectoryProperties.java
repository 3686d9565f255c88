// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server;

import dev.anabranch.topology.KeyType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The node's settings, {@code anabranch.*}.
 *
 * @param meta where the meta database is
 * @param shardKey the shard key that the first start writes; later starts take the one that is stored
 * @param credentialKey the key for passwords at rest: base64 of 32 bytes
 * @param credentialKeyFile a file with that key
 * @param credential which references to passwords are followed
 * @param owner which references to the passwords of databases' owners are followed
 * @param adminTokenFile where the first admin token is written to, or read from
 * @param portFile where the port that was taken is written to
 * @param stream the change stream
 */
@ConfigurationProperties("anabranch")
public record DirectoryProperties(
        @DefaultValue Meta meta,
        @DefaultValue Key shardKey,
        @Nullable String credentialKey,
        @Nullable Path credentialKeyFile,
        @DefaultValue Credential credential,
        @DefaultValue Owner owner,
        @Nullable Path adminTokenFile,
        @Nullable Path portFile,
        @DefaultValue Stream stream) {

    /**
     * The meta database: PostgreSQL, in which the schema {@code anabranch} is made.
     *
     * @param url {@code jdbc:postgresql://host:port/database}
     * @param user whom to log in as
     * @param password the password, or {@code env:NAME} or {@code file:/path}
     * @param connections the most connections that this node holds
     */
    public record Meta(
            @DefaultValue("") String url,
            @DefaultValue("") String user,
            @DefaultValue("") String password,
            @DefaultValue("10") int connections) {
        @Override
        public String toString() {
            return "Meta[user=" + user + "]";
        }
    }

    /**
     * Which references to databases' passwords are followed.
     *
     * @param folders where files with passwords are
     * @param envPrefix what the names of variables with passwords begin with; where it is empty, none is read
     */
    public record Credential(
            @DefaultValue("/run/secrets") List<String> folders,
            @DefaultValue("ANABRANCH_DB_") String envPrefix) {}

    /**
     * What is for the owners of databases.
     *
     * @param credential which references to their passwords are followed
     */
    public record Owner(@DefaultValue OwnersCredential credential) {}

    /**
     * Which references to owners' passwords are followed, besides variables that begin with {@code ANABRANCH_OWNER_}.
     *
     * @param folders where files with their passwords are; no application's password is beneath them
     */
    public record OwnersCredential(@DefaultValue("/run/secrets/anabranch-owner") List<String> folders) {}

    /**
     * The column that holds the tenant's id.
     *
     * @param column a plain SQL identifier
     * @param type {@code text}, {@code bigint} or {@code uuid}
     */
    public record Key(
            @DefaultValue("customer_id") String column, @DefaultValue("text") KeyType type) {}

    /**
     * The change stream.
     *
     * @param heartbeat how often a comment line is sent to each subscriber
     * @param poll how often the meta database is asked for other nodes' changes, while there are subscribers
     * @param credentialPoll how often credentials that are files are looked at
     * @param perToken the most streams that one token holds open on this node
     * @param perNode the most streams that this node holds open
     */
    public record Stream(
            @DefaultValue("5s") Duration heartbeat,
            @DefaultValue("200ms") Duration poll,
            @DefaultValue("1s") Duration credentialPoll,
            @DefaultValue("100") int perToken,
            @DefaultValue("2000") int perNode) {}

    @Override
    public String toString() {
        return "DirectoryProperties";
    }
}
