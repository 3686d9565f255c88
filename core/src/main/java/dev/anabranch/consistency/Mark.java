// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.consistency;

/**
 * Up to where a replica must have come: to what its primary had committed at a time of the primary's own clock.
 *
 * @param timeline stands for the primary's cluster and its timeline, and is only ever compared for being the same; {@link
 *     #UNKNOWN_TIMELINE} where the primary's clock was not known at that time
 * @param micros an upper bound of that time, in microseconds since 1970, by the primary's clock; by this process's clock
 *     where that is ahead and the timeline is not known
 */
public record Mark(int timeline, long micros) {
    /** Stands for a write of which only this process's clock tells: the primary serves until it is older by what clocks differ. */
    public static final int UNKNOWN_TIMELINE = 0;

    /** A mark that asks for what both ask for: of one clock's times the later one, else one that fits no timeline. */
    public Mark and(Mark other) {
        return new Requirement(this).and(new Requirement(other)).mark();
    }
}
