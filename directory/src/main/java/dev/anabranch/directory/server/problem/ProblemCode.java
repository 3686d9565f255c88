// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.problem;

import dev.anabranch.problem.ErrorCode;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The stable name of a kind of refusal, with its HTTP status.
 *
 * <p>Codes that the library has too are spelled as in {@link ErrorCode}.
 */
public enum ProblemCode {
    /** No token, or one that is not known, or that was revoked. */
    UNAUTHENTICATED(401, "Not authenticated", "Send the header 'Authorization: Bearer anab_…' with a token that is not revoked"),
    /** The token's role may not do this. */
    NOT_ALLOWED(403, "Not allowed", "Use a token of another role, or ask an admin for one"),
    /** There is nothing at this path. */
    NOT_FOUND(404, "Not found", "Open /swagger-ui.html for the paths there are"),
    /** The path exists, with other methods. */
    METHOD_NOT_ALLOWED(405, "Method not allowed", "Use one of the methods in the Allow header"),
    /** The body is of a type that this path does not read. */
    MEDIA_TYPE_UNSUPPORTED(415, "Media type not supported", "Send the header 'Content-Type: application/json'"),
    /** The answer exists in no type that the caller accepts. */
    NOT_ACCEPTABLE(406, "Not acceptable", "Accept application/json, and text/event-stream for /v1/changes"),
    /** The request cannot be read: a parameter, a header, the body or the path. */
    REQUEST_INVALID(400, "Request not valid", "Correct the request; /swagger-ui.html shows each path's parameters and body"),
    /** The body or the path is longer than this server reads. */
    REQUEST_TOO_LARGE(413, "Request too large", "Send less"),
    /** A name or a value cannot be used as it is. */
    CONFIGURATION_INVALID(400, "Value not valid", "Correct the value"),
    /** The text is no tenant id. */
    TENANT_INVALID(400, "Tenant id not valid", "Send 1 to 128 printable characters without white space at the ends"),
    /** The group serves listed tenants alone, and this one is not listed. */
    TENANT_UNKNOWN(404, "Tenant unknown", "List the tenant: PUT /v1/groups/{group}/tenants/{tenant} with the body {}"),
    /** The topology has no such group. */
    GROUP_UNKNOWN(404, "Group unknown", "GET /v1/groups lists the groups"),
    /** More than one group could be meant. */
    GROUP_NEEDED(400, "Group needed", "Add the parameter group"),
    /** A group that is not sharded has no tenants. */
    GROUP_NOT_SHARDED(409, "Group not sharded", "Use a sharded group"),
    /** The group still lists tenants. */
    GROUP_IN_USE(409, "Group in use", "Unlist its tenants first, or let an admin repeat the request with force=true"),
    /** The change would give tenants' buckets to another database, without their rows. */
    BUCKETS_IN_USE(
            409,
            "Buckets in use",
            "Move the tenants; rows do not follow a changed placement",
            "While the group has no rows, an admin may repeat the request with force=true"),
    /** The topology has no such database. */
    DATABASE_UNKNOWN(404, "Database unknown", "GET /v1/databases lists the databases"),
    /** A new database lacks what it needs. */
    DATABASE_INCOMPLETE(400, "Database incomplete", "Give flavor, host, port, database, user and password"),
    /** Groups, buckets or pins name the database. */
    DATABASE_IN_USE(409, "Database in use", "Move or unpin its tenants and change the groups that name it, then try again"),
    /** The database has no such replica. */
    REPLICA_UNKNOWN(404, "Replica unknown", "GET /v1/databases/{database}/replicas lists the replicas"),
    /** A new replica lacks what it needs. */
    REPLICA_INCOMPLETE(400, "Replica incomplete", "Give its host, and the password of its user"),
    /** Databases and replicas have names of their own. */
    NAME_TAKEN(409, "Name taken", "Give it another name"),
    /** Nothing of the topology names the audience. */
    AUDIENCE_UNKNOWN(404, "Audience unknown", "GET /v1/audiences lists the audiences"),
    /** A replica is kept for the audience, or a group has a route for it. */
    AUDIENCE_IN_USE(409, "Audience in use", "Change the replicas and the groups that name it, then try again"),
    /** The audience only reads. */
    READ_ONLY(409, "Read only", "GET /read/{tenant} says where the audience reads"),
    /** The database that would have to be looked at cannot be reached. */
    DATABASE_UNREACHABLE(503, "Database unreachable", "Check that the server runs and that its address and credential are right, then try again"),
    /** The tenant has rows where it is, and they do not follow a changed placement. */
    TENANT_HAS_DATA(
            409,
            "Tenant has data",
            "Move the tenant, so that its rows go with it",
            "If the rows may stay behind, an admin may repeat the request with force=true"),
    /** Whether the tenant has rows cannot be told with certainty. */
    TENANT_DATA_UNKNOWN(
            409,
            "Tenant's data unknown",
            "Let the database's user read the table: the privilege SELECT, and a policy on anabranch.tenant or none",
            "If the rows may stay behind, an admin may repeat the request with force=true"),
    /** The group's schema is not as far on a database as on the group's others. */
    DATABASE_BEHIND(
            409,
            "Database behind",
            "Bring the database to head: anabranch migrate apply --service GROUP --database NAME"),
    /** How far a group's schema is cannot be told. */
    SCHEMA_UNKNOWN(
            409,
            "Schema's state unknown",
            "Let the databases' users read flyway_schema_history in the group's schema: 'anabranch migrate apply' grants it",
            "If the schema is known to be as far, an admin may repeat the request with force=true"),
    /** A group's schema keeps its name. */
    SCHEMA_FIXED(
            409,
            "Schema fixed",
            "Leave the schema's name as it is; its folder of migrations and its desired state may change",
            "Or add another group with the other schema"),
    /** The group owns no schema, so it has no migrations. */
    SCHEMA_MISSING(409, "No schema", "Give the group a schema: PUT /v1/groups/{group} with \"schema\""),
    /** Another group owns the schema on the same database. */
    SCHEMA_IN_USE(409, "Schema in use", "Give each group a schema of its own, or databases of its own"),
    /** The topology has changed since the caller looked. */
    REVISION_CONFLICT(412, "Revision conflict", "Read again, and repeat the request with If-Match set to the new revision"),
    /** A password was given, and this node has no key to encrypt it with. */
    CREDENTIAL_KEY_MISSING(
            400,
            "Credential key missing",
            "Make a key with 'openssl rand -base64 32' and start the directory with it in ANABRANCH_CREDENTIAL_KEY or ANABRANCH_CREDENTIAL_KEY_FILE",
            "Or give the password as a reference: env:NAME or file:/path"),
    /** The password refers to something that is not for databases. */
    CREDENTIAL_REFERENCE_REFUSED(
            400,
            "Credential reference refused",
            "Refer to a file or a variable that is for databases' passwords, or for their owners' where it is an owner's",
            "Or start the directory with another ANABRANCH_CREDENTIAL_FOLDERS, ANABRANCH_CREDENTIAL_ENV_PREFIX or ANABRANCH_OWNER_CREDENTIAL_FOLDERS"),
    /** The address changes, and the stored password is not sent elsewhere without being given again. */
    CREDENTIAL_REQUIRED(400, "Credential required", "Give the password or its reference again, together with the new address"),
    /** A stored credential cannot be resolved on this node. */
    CREDENTIAL_UNRESOLVED(503, "Credential not resolved", "Set the variable, the file or the key that it needs on this node"),
    /** There is no token with that id. */
    TOKEN_UNKNOWN(404, "Token unknown", "GET /v1/tokens lists the tokens"),
    /** The token is the last one that may administer. */
    LAST_ADMIN(409, "Last admin token", "Create another admin token first"),
    /** The idempotency key was used before, and the token cannot be shown again. */
    IDEMPOTENCY_REPEATED(
            409,
            "Already done",
            "If its answer was lost, revoke that token and create another one with a new Idempotency-Key"),
    /** The node, or the token, has as many change streams open as are allowed. */
    STREAMS_EXHAUSTED(503, "Too many streams", "Close streams that are not needed, or connect to another node"),
    /** The node is going down. */
    SHUTTING_DOWN(503, "Shutting down", "Connect again, to this node or to another"),
    /** The meta database does not answer. */
    META_UNAVAILABLE(503, "Meta database unavailable", "Try again in a few seconds; applications go on with their last snapshot"),
    /** A defect, or a fault that nothing above describes. */
    INTERNAL(500, "Internal error", "Try again; if it stays, look for the incident's id in the directory's log");

    private final int status;
    private final String title;

    @SuppressWarnings("ImmutableEnumChecker") // List.of
    private final List<String> nextSteps;

    ProblemCode(int status, String title, String... nextSteps) {
        this.status = status;
        this.title = title;
        this.nextSteps = List.of(nextSteps);
    }

    /** The code as it is written in JSON, for example {@code tenant_has_data}. */
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The HTTP status that goes with it. */
    public int status() {
        return status;
    }

    /** A short summary that is the same each time. */
    public String title() {
        return title;
    }

    /** What the caller can do, where nothing more precise is known. */
    public List<String> nextSteps() {
        return nextSteps;
    }

    /** The code of that spelling, if there is one. */
    public static Optional<ProblemCode> of(String code) {
        return Arrays.stream(values()).filter(known -> known.code().equals(code)).findFirst();
    }

    /** The code for a failure that the library has described. */
    static ProblemCode of(ErrorCode code) {
        return switch (code) {
            case TENANT_INVALID -> TENANT_INVALID;
            case TENANT_UNKNOWN -> TENANT_UNKNOWN;
            case GROUP_UNKNOWN -> GROUP_UNKNOWN;
            case CONFIGURATION_INVALID -> CONFIGURATION_INVALID;
            case DATABASE_UNAVAILABLE -> DATABASE_UNREACHABLE;
            case AUDIENCE_UNKNOWN -> AUDIENCE_UNKNOWN;
            case READ_ONLY -> READ_ONLY;
            case TENANT_NOT_BOUND,
                    TENANT_CONFLICT,
                    SHARD_KEY_MISSING,
                    SHARD_KEY_MISMATCH,
                    DIRECTORY_UNAVAILABLE,
                    DIRECTORY_REFUSED,
                    OUTCOME_UNKNOWN,
                    SCHEMA_BEHIND,
                    MIGRATION_INVALID,
                    MIGRATION_FAILED,
                    MIGRATION_LOCKED,
                    AUDIENCE_UNSERVED,
                    ROUTER_INVALID,
                    CONSISTENCY_TOKEN_INVALID,
                    RELATION_REFUSED,
                    CLOSED -> INTERNAL;
        };
    }
}
