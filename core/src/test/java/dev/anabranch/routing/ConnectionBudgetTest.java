// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import java.time.Duration;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ConnectionBudgetTest {
    private static final Duration NOT_AT_ALL = Duration.ZERO;

    @Test
    void keepsFromThePoolsWhatIsReserved() throws InterruptedException {
        ConnectionBudget budget = new ConnectionBudget(3, () -> {});
        assertThat(budget.reserve(2)).isEqualTo(1);
        assertThat(budget.take(NOT_AT_ALL)).isTrue();
        assertThat(budget.take(NOT_AT_ALL)).isFalse();
        assertThat(budget.takeReserved(NOT_AT_ALL)).isTrue();
        assertThat(budget.takeReserved(NOT_AT_ALL)).isTrue();
        assertThat(budget.inUse()).isEqualTo(3);
        assertThat(budget.takeReserved(NOT_AT_ALL)).isFalse();
    }

    @Test
    void neverGivesMoreThanItHasWhileTheReserveGrows() throws InterruptedException {
        ConnectionBudget budget = new ConnectionBudget(3, () -> {});
        assertThat(budget.reserve(0)).isEqualTo(3);
        for (int pooled = 0; pooled < 3; pooled++) {
            assertThat(budget.take(NOT_AT_ALL)).isTrue();
        }
        assertThat(budget.reserve(2)).isEqualTo(1);
        // What the pools hold already is waited for, and goes to the reserve first.
        assertThat(budget.takeReserved(NOT_AT_ALL)).isFalse();
        budget.giveBack();
        budget.giveBack();
        assertThat(budget.take(NOT_AT_ALL)).isFalse();
        assertThat(budget.takeReserved(NOT_AT_ALL)).isTrue();
        assertThat(budget.takeReserved(NOT_AT_ALL)).isTrue();
        assertThat(budget.inUse()).isEqualTo(3);

        budget.giveBackReserved();
        budget.giveBackReserved();
        assertThat(budget.reserve(0)).isEqualTo(3);
        assertThat(budget.take(NOT_AT_ALL)).isTrue();
        assertThat(budget.take(NOT_AT_ALL)).isTrue();
        assertThat(budget.inUse()).isEqualTo(3);
    }

    @Test
    void leavesThePoolsOneAtLeast() throws InterruptedException {
        ConnectionBudget budget = new ConnectionBudget(2, () -> {});
        assertThat(budget.reserve(9)).isEqualTo(1);
        assertThat(budget.take(NOT_AT_ALL)).isTrue();
    }
}
