// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.consistency;

/**
 * What all marks of one writer on one database ask for together.
 *
 * <p>Marks of one timeline are times of one clock, and the latest covers the others. Marks of different ones are times of
 * different clocks, so that both count, until the latest is later by more than clocks differ.
 *
 * @param latest the mark with the latest time
 * @param otherMicros the latest time of a mark of another timeline; {@link Standing#NEVER} where the latest covers it
 */
record Requirement(Mark latest, long otherMicros) {
    Requirement(Mark only) {
        this(only, Standing.NEVER);
    }

    Requirement and(Requirement more) {
        boolean moreIsLater = more.latest.micros() > latest.micros();
        Requirement later = moreIsLater ? more : this;
        Requirement earlier = moreIsLater ? this : more;
        long others = Math.max(otherMicros, more.otherMicros);
        if (earlier.latest.timeline() != later.latest.timeline()) {
            others = Math.max(others, earlier.latest.micros());
        }
        boolean covered = others == Standing.NEVER || later.latest.micros() - others >= Standing.MARGIN_MICROS;
        return new Requirement(later.latest, covered ? Standing.NEVER : others);
    }

    /** One mark that asks for all of it. */
    Mark mark() {
        return otherMicros == Standing.NEVER ? latest : new Mark(Mark.UNKNOWN_TIMELINE, latest.micros());
    }
}
