// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.topology;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.tenant.TenantId;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The type of the shard key's column, which decides what a tenant id is and how it is hashed. */
public enum KeyType {
    /** Any tenant id, hashed as its UTF-8 bytes. */
    TEXT,
    /** A 64-bit integer, written in decimal without leading zeros. */
    BIGINT,
    /** A UUID, written as 36 characters in lower case. */
    UUID;

    private static final Pattern UUID_FORM =
            Pattern.compile("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}");

    /** The name in configuration and JSON: {@code text}, {@code bigint} or {@code uuid}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The tenant id in this type's canonical form, so that one tenant has one spelling.
     *
     * @throws AnabranchException {@link ErrorCode#TENANT_INVALID} where the id is not of this type
     */
    public TenantId canonical(TenantId tenant) {
        return switch (this) {
            case TEXT -> tenant;
            case BIGINT -> {
                String canonical;
                try {
                    canonical = Long.toString(Long.parseLong(tenant.value()));
                } catch (NumberFormatException e) {
                    throw invalid(tenant, e);
                }
                yield canonical.equals(tenant.value()) ? tenant : new TenantId(canonical);
            }
            case UUID -> {
                if (!UUID_FORM.matcher(tenant.value()).matches()) {
                    throw invalid(tenant, null);
                }
                String canonical = tenant.value().toLowerCase(Locale.ROOT);
                yield canonical.equals(tenant.value()) ? tenant : new TenantId(canonical);
            }
        };
    }

    /** PostgreSQL's extended hash of the id with seed 0: {@code hashtextextended} and its kin. */
    long hash(TenantId tenant) {
        return switch (this) {
            case TEXT -> PostgresHash.ofText(tenant.value());
            case BIGINT -> PostgresHash.ofBigint(Long.parseLong(tenant.value()));
            case UUID -> PostgresHash.ofUuid(java.util.UUID.fromString(tenant.value()));
        };
    }

    private AnabranchException invalid(TenantId tenant, @Nullable Throwable cause) {
        return new AnabranchException(
                ErrorCode.TENANT_INVALID,
                "The tenant id '" + tenant + "' is no " + id() + ", which the topology's shard key asks for",
                "Send an id of that type",
                cause);
    }
}
