// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.topology;

/** Which database a tenant is on, and by what rule. */
public sealed interface Placement {
    /** The name of the database. */
    String database();

    /** The rule, as a person reads it. */
    String reason();

    /** The tenant has a row of its own, which wins over every other rule. */
    record Pinned(String database) implements Placement {
        @Override
        public String reason() {
            return "pinned";
        }
    }

    /** The tenant's bucket is on the database. */
    record Hash(int bucket, String database) implements Placement {
        @Override
        public String reason() {
            return "hash, bucket " + bucket;
        }
    }

    /** The group needs no tenant: all its rows are on the database. */
    record Whole(String database) implements Placement {
        @Override
        public String reason() {
            return "global group";
        }
    }

    /** The group needs no tenant, and its rows for this audience are on the database. */
    record Audience(String audience, String database) implements Placement {
        @Override
        public String reason() {
            return "route of the audience '" + audience + "'";
        }
    }

    /** One of the application's routers named the database. */
    record Answered(String router, String database) implements Placement {
        @Override
        public String reason() {
            return "answered by the router '" + router + "'";
        }
    }
}
