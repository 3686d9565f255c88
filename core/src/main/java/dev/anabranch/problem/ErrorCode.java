// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.problem;

import java.util.Locale;

/**
 * The stable name of a kind of failure: the same in Java, in problem details and in the CLI's JSON.
 *
 * <p>Where a failure reaches a caller of JDBC it is a {@link java.sql.SQLException} with {@link #sqlState()} whose cause
 * is an {@link AnabranchException} with this code.
 */
public enum ErrorCode {
    /** No tenant is bound to the running code. */
    TENANT_NOT_BOUND("AB002", false),
    /** Another tenant is bound than the one a scope or a connection belongs to. */
    TENANT_CONFLICT("AB003", false),
    /** The group refuses tenants that its directory does not list. */
    TENANT_UNKNOWN("AB004", false),
    /** The text is no tenant id: too long, empty, or with characters that are not allowed. */
    TENANT_INVALID("AB005", false),
    /** A row to be written has no tenant in its shard key. */
    SHARD_KEY_MISSING("AB006", false),
    /** A row to be written has another tenant in its shard key than the one bound. */
    SHARD_KEY_MISMATCH("AB007", false),
    /** The topology has no such group. */
    GROUP_UNKNOWN("AB008", false),
    /** A file, a variable or a property cannot be used as it is. */
    CONFIGURATION_INVALID("AB009", false),
    /** The database cannot be reached, or has no connection free within the time allowed. */
    DATABASE_UNAVAILABLE("08001", true),
    /** The connection broke while a transaction was being committed: it may have been, or not. */
    OUTCOME_UNKNOWN("08007", false),
    /** The directory cannot be reached, and nothing on this machine can answer in its place. */
    DIRECTORY_UNAVAILABLE("AB010", true),
    /** The directory answered, and refused. */
    DIRECTORY_REFUSED("AB011", false),
    /** The library was closed. */
    CLOSED("AB012", false),
    /** A database's schema lacks migrations that this program needs, or has others. */
    SCHEMA_BEHIND("AB013", false),
    /** Files of migrations cannot be used: missing, a gap or a duplicate, or changed after they were applied. */
    MIGRATION_INVALID("AB014", false),
    /** A migration failed. */
    MIGRATION_FAILED("AB015", false),
    /** Somebody else migrates the same schema. */
    MIGRATION_LOCKED("AB016", true),
    /** The topology has no such audience. */
    AUDIENCE_UNKNOWN("AB017", false),
    /** None of the replicas that are kept for an audience can answer it now. */
    AUDIENCE_UNSERVED("AB018", true),
    /** A router failed, or answered with what does not exist. */
    ROUTER_INVALID("AB019", false),
    /** A write where only reads are allowed. */
    READ_ONLY("25006", false),
    /** The text is no consistency token of this deployment. */
    CONSISTENCY_TOKEN_INVALID("AB020", false),
    /** A relation would lead from one database into another. */
    RELATION_REFUSED("AB021", false);

    private final String sqlState;
    private final boolean transientFailure;

    ErrorCode(String sqlState, boolean transientFailure) {
        this.sqlState = sqlState;
        this.transientFailure = transientFailure;
    }

    /** Five characters: the SQLState of the {@link java.sql.SQLException} that carries this failure. */
    public String sqlState() {
        return sqlState;
    }

    /** Whether the same call can succeed later without a change by the caller. */
    public boolean isTransient() {
        return transientFailure;
    }

    /** The code as it is written in JSON, for example {@code tenant_not_bound}. */
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }
}
