// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.consistency;

import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** The rules by which marks, clocks and positions are compared, without a server. */
class MarkRulesTest {
    private static final long MARGIN = Standing.MARGIN_MICROS;
    private static final Lineage FIRST = new Lineage(77, 1);
    private static final long MILLI = 1_000_000;

    private final PrimaryRecord record = new PrimaryRecord("main", Duration.ofSeconds(35));

    @Test
    void laterMarkOfOneClockCoversTheOthers() {
        ConsistencySession session = new ConsistencySession(Map.of("main", new Mark(1, 100)));
        session.wrote("main", new Mark(1, 90));
        assertThat(session.required("main")).contains(new Mark(1, 100));
        session.wrote("main", new Mark(1, 110));
        assertThat(session.required("main")).contains(new Mark(1, 110));
        assertThat(session.required("other")).isEmpty();
    }

    @Test
    void marksOfTwoClocksBothCountUntilTheyAreFarEnoughApart() {
        ConsistencySession session = new ConsistencySession(Map.of("main", new Mark(Mark.UNKNOWN_TIMELINE, 100)));
        session.wrote("main", new Mark(1, 90));
        assertThat(session.required("main")).contains(new Mark(Mark.UNKNOWN_TIMELINE, 100));
        session.wrote("main", new Mark(1, 110));
        assertThat(session.required("main")).contains(new Mark(Mark.UNKNOWN_TIMELINE, 110));
        // A writer that never rests comes back to its own clock all the same.
        session.wrote("main", new Mark(1, 99 + MARGIN));
        assertThat(session.required("main")).contains(new Mark(Mark.UNKNOWN_TIMELINE, 99 + MARGIN));
        session.wrote("main", new Mark(1, 100 + MARGIN));
        assertThat(session.required("main")).contains(new Mark(1, 100 + MARGIN));
        assertThat(new Mark(1, 5).and(new Mark(2, 7))).isEqualTo(new Mark(Mark.UNKNOWN_TIMELINE, 7));
        assertThat(new Mark(1, 5).and(new Mark(1, 7))).isEqualTo(new Mark(1, 7));
    }

    @Test
    void markForAllDatabasesCountsBesideTheirOwn() {
        ConsistencySession session = new ConsistencySession(
                Map.of(ConsistencySession.ELSEWHERE, new Mark(Mark.UNKNOWN_TIMELINE, 100), "main", new Mark(1, 50)));
        assertThat(session.required("other")).contains(new Mark(Mark.UNKNOWN_TIMELINE, 100));
        assertThat(session.required("main")).contains(new Mark(Mark.UNKNOWN_TIMELINE, 100));
    }

    @Test
    void replicaShowsMarksOfItsPrimarysClockAndOthersOnlyWhenTheyAreOld() {
        Standing standing = new Standing(null, 7, 1_000 + MARGIN, 0, 0);
        assertThat(standing.shows(new Mark(7, 1_000 + MARGIN))).isTrue();
        assertThat(standing.shows(new Mark(7, 1_001 + MARGIN))).isFalse();
        assertThat(standing.shows(new Mark(8, 1_000))).isTrue();
        assertThat(standing.shows(new Mark(8, 1_001))).isFalse();
        assertThat(standing.shows(new Mark(Mark.UNKNOWN_TIMELINE, 1_001))).isFalse();
        assertThat(standing.shows(new Mark(8, Long.MAX_VALUE))).isFalse();
        assertThat(Standing.out("down", 0).shows(new Mark(Mark.UNKNOWN_TIMELINE, 0))).isFalse();
    }

    @Test
    void upperBoundCountsFromBeforeTheQuestionAndByTheClockThatHasGoneFurther() {
        // Asked at 10 ms, answered at 60 ms: the clock may have been read at either end.
        ClockSample sample = new ClockSample(FIRST, 1_000_000, 10 * MILLI, 60 * MILLI, 500_000);
        assertThat(sample.atMost(110 * MILLI, 0)).isBetween(1_100_000L, 1_103_000L);
        // The machine slept for an hour, which the monotonic clock has not seen.
        assertThat(sample.atMost(110 * MILLI, 500_000 + 3_600_000_000L)).isGreaterThan(3_601_000_000L);
    }

    @Test
    void clockThatWasSetIsToldFromOneThatRuns() {
        ClockSample before = new ClockSample(FIRST, 0, 0, 2 * MILLI, 0);
        assertThat(at(100, 100_000).steppedSince(before)).isZero();
        assertThat(at(100, 97_500).steppedSince(before)).isZero();
        assertThat(at(100, 102_500).steppedSince(before)).isZero();
        assertThat(at(100, 50_000).steppedSince(before)).isNegative();
        assertThat(at(100, 150_000).steppedSince(before)).isPositive();
    }

    @Test
    void nothingNotedBeforeTheClockWasSetCountsAfterwards() {
        record.take(at(0, 10_000_000), 500);
        record.take(at(100, 10_100_000), 600);
        assertThat(record.clockAt(550)).hasValue(10_000_000);
        assertThat(record.clockAt(600)).hasValue(10_100_000);
        assertThat(record.clockAt(499)).isEmpty();

        record.take(at(200, 5_000_000), 700);
        assertThat(record.clockAt(700)).isEmpty();
        record.take(at(300, 5_100_000), 800);
        assertThat(record.clockAt(800)).hasValue(5_100_000);
        assertThat(record.clockAt(799)).isEmpty();

        record.take(at(400, 9_000_000), 900);
        assertThat(record.clockAt(1_000)).isEmpty();
    }

    @Test
    void nothingNotedOnAnotherTimelineCounts() {
        record.take(at(0, 10_000_000), 500);
        record.take(new ClockSample(new Lineage(77, 2), 10_100_000, 100 * MILLI, 102 * MILLI, 0), 520);
        assertThat(record.clockAt(510)).isEmpty();
        assertThat(record.clockAt(520)).hasValue(10_100_000);
    }

    @Test
    void marksAreOfTheLastSampleUnlessItIsOld() {
        assertThat(record.mark(0, 42)).isEqualTo(new Mark(Mark.UNKNOWN_TIMELINE, 42));
        record.take(at(0, 10_000_000), 500);
        assertThat(record.mark(1_000 * MILLI, 0)).satisfies(mark -> {
            assertThat(mark.timeline()).isEqualTo(FIRST.fingerprint());
            assertThat(mark.micros()).isBetween(11_000_000L, 11_010_000L);
        });
        // By whichever of the two clocks is ahead.
        assertThat(record.mark(2_001 * MILLI, 42)).satisfies(mark -> {
            assertThat(mark.timeline()).isEqualTo(Mark.UNKNOWN_TIMELINE);
            assertThat(mark.micros()).isBetween(12_001_000L, 12_020_000L);
        });
        long ahead = 99_000_000_000L;
        assertThat(record.mark(2_001 * MILLI, ahead).micros()).isGreaterThanOrEqualTo(ahead);
    }

    @Test
    void historyTakesTheNewestTimeOfAPositionAndForgetsWhatWasLostInACrash() {
        PositionHistory history = new PositionHistory(1_000_000);
        history.add(1, 100);
        history.add(2, 100);
        assertThat(history.clockAt(100)).hasValue(2);
        history.add(3, 200);
        history.add(4, 150);
        assertThat(history.clockAt(149)).hasValue(2);
        assertThat(history.clockAt(150)).hasValue(4);
        assertThat(history.size()).isEqualTo(2);
    }

    @Test
    void historyStaysSmallAndNeverTellsALaterTimeThanWasNoted() {
        PositionHistory history = new PositionHistory(1_000_000_000);
        for (long i = 0; i < 50_000; i++) {
            history.add(i, i * 10);
        }
        assertThat(history.size()).isLessThanOrEqualTo(4_096);
        assertThat(history.clockAt(499_995)).hasValue(49_999);
        for (long position = 0; position < 500_000; position += 777) {
            OptionalLong told = history.clockAt(position);
            if (told.isPresent()) {
                assertThat(told.getAsLong()).isLessThanOrEqualTo(position / 10);
            }
        }
        assertThat(history.clockAt(400_000)).isPresent();
    }

    @Test
    void placeBehindAPageHeaderIsTheEndOfThePageBefore() {
        int page = 8_192;
        long segment = 16L << 20;
        assertThat(PostgresProbe.endOfRecords(3 * segment + 40, page, segment)).isEqualTo(3 * segment);
        assertThat(PostgresProbe.endOfRecords(3 * segment + page + 24, page, segment)).isEqualTo(3 * segment + page);
        assertThat(PostgresProbe.endOfRecords(3 * segment + page + 32, page, segment)).isEqualTo(3 * segment + page + 32);
        assertThat(PostgresProbe.endOfRecords(3 * segment + 48, page, segment)).isEqualTo(3 * segment + 48);
    }

    @Test
    void lineagesDifferByClusterAndByTimeline() {
        assertThat(FIRST.fingerprint()).isNotIn(
                Mark.UNKNOWN_TIMELINE, new Lineage(77, 2).fingerprint(), new Lineage(78, 1).fingerprint());
        assertThat(FIRST.isOfClusterOf(new Lineage(78, 1))).isFalse();
        assertThat(FIRST.isComparableWith(new Lineage(77, 2))).isFalse();
    }

    private static ClockSample at(long millis, long micros) {
        return new ClockSample(FIRST, micros, millis * MILLI, (millis + 2) * MILLI, 0);
    }
}
