// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.topology;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/**
 * A server that follows a database's primary and answers reads.
 *
 * @param name the name that messages, meters and routers use; like no database's and no other replica's
 * @param endpoint where it listens, and as whom the application logs in there: a role that can only read will do
 * @param weight its share of the reads beside its siblings', 1 to 1,000
 * @param audiences whom it serves and nobody else; empty where it serves all that no replica of the database is kept for
 */
public record Replica(String name, Endpoint endpoint, int weight, Set<String> audiences) {
    /** The weight of a replica for which none is given. */
    public static final int USUAL_WEIGHT = 1;

    private static final int MOST = 1_000;

    /** Checks names and weight. */
    public Replica {
        Names.check("replica", name);
        if (weight < 1 || weight > MOST) {
            throw new AnabranchException(
                    ErrorCode.CONFIGURATION_INVALID,
                    "The weight " + weight + " of the replica '" + name + "' is not between 1 and " + MOST,
                    "Give the larger machine the larger number, and take the replica out where it shall serve nobody");
        }
        audiences.forEach(audience -> Names.check("audience", audience));
        audiences = Collections.unmodifiableSet(new TreeSet<>(audiences));
    }

    /** A replica for all audiences, with the usual weight. */
    public Replica(String name, Endpoint endpoint) {
        this(name, endpoint, USUAL_WEIGHT, Set.of());
    }
}
