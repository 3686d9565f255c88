// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory;

import dev.anabranch.tenant.TenantId;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.Topology;
import java.util.function.Consumer;

/** A topology that does not change while the process runs: from a file or from the environment. */
public final class LocalDirectory implements Directory {
    private final Topology topology;

    /** A directory of this topology alone. */
    public LocalDirectory(Topology topology) {
        this.topology = topology;
    }

    @Override
    public Topology topology() {
        return topology;
    }

    @Override
    public void requireListed(String group, TenantId tenant) {
        if (topology.group(group) instanceof Group.Sharded sharded
                && sharded.tenants() == Group.Tenants.LISTED
                && !sharded.pinned().containsKey(tenant)) {
            throw ListedTenants.refusal(group, tenant, topology.revision());
        }
    }

    @Override
    public boolean isFromCache() {
        return false;
    }

    @Override
    public void onChange(Consumer<Topology> listener) {
        // It never changes.
    }

    @Override
    public void close() {
        // Nothing was opened.
    }
}
