// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.store;

import dev.anabranch.topology.BucketMap;
import dev.anabranch.topology.Group;

/** A group as it is stored, without its tenants. */
public sealed interface GroupRow {
    /** The group's name. */
    String name();

    /**
     * A group whose tenants are spread over databases.
     *
     * @param name the group's name
     * @param buckets which database holds each bucket
     * @param tenants which tenants are served
     */
    record Sharded(String name, BucketMap buckets, Group.Tenants tenants) implements GroupRow {}

    /**
     * A group that needs no tenant.
     *
     * @param name the group's name
     * @param database the one database that holds it
     */
    record Global(String name, String database) implements GroupRow {}
}
