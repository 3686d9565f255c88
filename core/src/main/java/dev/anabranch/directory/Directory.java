// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.tenant.TenantId;
import dev.anabranch.topology.Topology;
import java.util.function.Consumer;

/**
 * What knows where each tenant lives.
 *
 * <p>Safe for use by many threads. Reading the topology never waits for a network.
 */
public sealed interface Directory extends AutoCloseable permits LocalDirectory, RemoteDirectory {

    /** The topology as it is known here now. */
    Topology topology();

    /**
     * Makes sure that a group that serves listed tenants alone lists this one.
     *
     * @param group the name of a sharded group
     * @param tenant an id in its type's canonical form
     * @throws AnabranchException {@link ErrorCode#TENANT_UNKNOWN} where it is not listed, or
     *     {@link ErrorCode#DIRECTORY_UNAVAILABLE} where nobody can say now
     */
    void requireListed(String group, TenantId tenant);

    /** Whether the topology is the last one on disk, because the directory service has not answered yet. */
    boolean isFromCache();

    /** Calls the listener with each topology that replaces another, one call at a time. */
    void onChange(Consumer<Topology> listener);

    /** Stops following changes. The topology known last can still be read. */
    @Override
    void close();
}
