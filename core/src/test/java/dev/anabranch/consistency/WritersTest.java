// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.consistency;

import dev.anabranch.tenant.TenantId;
import java.time.Duration;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class WritersTest {
    private static final TenantId ACME = new TenantId("acme");
    private static final TenantId OTHER = new TenantId("other");

    private long nanos = Long.MAX_VALUE - 1_000;
    private final Writers writers = new Writers(ReplicaSettings.DEFAULT, () -> nanos);

    @Test
    void tenantReadsWhatItHasWrittenInWhicheverGroup() {
        ConsistencySession before = writers.of("people", ACME);
        writers.of("people", ACME).wrote("main", new Mark(1, 5));

        assertThat(before.required("main")).contains(new Mark(1, 5));
        assertThat(writers.of("billing", ACME).required("main")).contains(new Mark(1, 5));
        assertThat(writers.of("people", OTHER).required("main")).isEmpty();
        assertThat(writers.of("people", null).required("main")).isEmpty();
        assertThat(writers.of("people", ACME).required("reviews")).isEmpty();
    }

    @Test
    void groupWithoutTenantsReadsWhatIsWrittenThere() {
        writers.of("billing", null).wrote("main", new Mark(1, 5));

        assertThat(writers.of("billing", null).required("main")).contains(new Mark(1, 5));
        assertThat(writers.of("auth", null).required("main")).isEmpty();
        assertThat(writers.of("auth", new TenantId("billing")).required("main")).isEmpty();
    }

    @Test
    void boundSessionTakesThePlaceOfTheTenants() {
        ConsistencySession session = new ConsistencySession();
        ConsistencyContext.run(session, () -> writers.of("people", ACME).wrote("main", new Mark(1, 5)));

        assertThat(session.required("main")).contains(new Mark(1, 5));
        assertThat(writers.of("people", ACME).required("main")).isEmpty();
    }

    @Test
    void isForgottenWhenEveryReplicaInRotationHasItAndNotBefore() {
        long keep = Duration.ofSeconds(35).toNanos();
        nanos += keep - 1;
        writers.of("people", ACME).wrote("main", new Mark(1, 5));
        nanos += keep;
        assertThat(writers.of("people", ACME).required("main")).isPresent();
        nanos += keep;
        assertThat(writers.of("people", ACME).required("main")).isEmpty();
        writers.of("people", ACME).wrote("main", new Mark(1, 6));
        nanos += 2 * keep;
        assertThat(writers.of("people", ACME).required("main")).isEmpty();
        assertThat(writers.count()).isZero();
    }

    @Test
    void takesNoMoreMemoryThanAllowedAndStillAsksForNoLess() {
        for (int i = 0; i < 100_500; i++) {
            writers.of("people", new TenantId("t" + i)).wrote("main", new Mark(1, i));
        }

        assertThat(writers.count()).isEqualTo(100_000);
        assertThat(writers.of("people", new TenantId("t100400")).required("main"))
                .hasValueSatisfying(mark -> assertThat(mark.micros()).isGreaterThanOrEqualTo(100_400));
        for (int i = 0; i < 1_000; i++) {
            assertThat(writers.of("people", new TenantId("read" + i)).required("main")).isPresent();
        }
        assertThat(writers.count()).isEqualTo(100_000);
    }
}
