// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.topology;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import java.util.regex.Pattern;

/**
 * The column that holds the tenant's id in every tenant table, and its type.
 *
 * @param column a plain SQL identifier in lower case, at most 63 characters
 * @param type the column's type
 */
public record ShardKey(String column, KeyType type) {
    /** The column where none is configured. */
    public static final String DEFAULT_COLUMN = "customer_id";

    private static final Pattern IDENTIFIER = Pattern.compile("[a-z_][a-z0-9_]{0,62}");

    /**
     * @throws AnabranchException {@link ErrorCode#CONFIGURATION_INVALID} where the column is no plain identifier
     */
    public ShardKey {
        if (!IDENTIFIER.matcher(column).matches()) {
            throw new AnabranchException(
                    ErrorCode.CONFIGURATION_INVALID,
                    "The shard key's column '" + column + "' is no plain SQL identifier",
                    "Use lower-case letters, digits and underscores, for example customer_id");
        }
    }
}
