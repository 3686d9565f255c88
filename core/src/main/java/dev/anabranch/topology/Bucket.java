// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.topology;

import dev.anabranch.tenant.TenantId;

/**
 * One of {@value #COUNT} slices of the hash space.
 *
 * <p>A tenant's bucket is the low twelve bits of PostgreSQL's own extended hash of its id, so that SQL computes it too:
 * {@code hashtextextended(customer_id, 0) & 4095}, {@code hashint8extended(…, 0) & 4095} or
 * {@code uuid_hash_extended(…, 0) & 4095}.
 */
public final class Bucket {
    /** How many buckets there are. */
    public static final int COUNT = 4096;

    private Bucket() {}

    /**
     * The bucket of a tenant.
     *
     * @param tenant an id in its type's canonical form
     * @param type the shard key's type
     * @return 0 to 4,095
     */
    public static int of(TenantId tenant, KeyType type) {
        return (int) type.hash(tenant) & (COUNT - 1);
    }
}
