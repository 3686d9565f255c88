// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.tenant;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class TenantContextTest {
    private static final TenantId ONE = new TenantId("1");
    private static final TenantId TWO = new TenantId("2");

    @Test
    void hasNoDefaultAndSaysHowToBind() {
        assertThat(TenantContext.current()).isEmpty();
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(TenantContext::require)
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.TENANT_NOT_BOUND))
                .withMessageContaining("TenantContext.run");
    }

    @Test
    void bindsForTheScopeAndNoLonger() throws IOException {
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> TenantContext.call(ONE, () -> {
            assertThat(TenantContext.require()).isEqualTo(ONE);
            throw new IOException("thrown inside");
        }));
        assertThat(TenantContext.current()).isEmpty();
    }

    @Test
    void refusesAnotherTenantInsideUnlessAskedFor() {
        TenantContext.run(ONE, () -> {
            TenantContext.run(ONE, () -> assertThat(TenantContext.require()).isEqualTo(ONE));
            assertThatExceptionOfType(AnabranchException.class)
                    .isThrownBy(() -> TenantContext.run(TWO, () -> {}))
                    .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.TENANT_CONFLICT));
            assertThat(TenantContext.<TenantId, RuntimeException>callInstead(TWO, TenantContext::require))
                    .isEqualTo(TWO);
            assertThat(TenantContext.require()).isEqualTo(ONE);
        });
    }

    @Test
    void isNotInheritedByAnotherThreadUnlessHandedOver() throws Exception {
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            Callable<Optional<TenantId>> asked = TenantContext::current;
            Future<Optional<TenantId>> bare = TenantContext.call(ONE, () -> executor.submit(asked));
            Future<Optional<TenantId>> handed =
                    TenantContext.call(ONE, () -> executor.submit(TenantContext.propagating(asked)));
            FutureTask<Optional<TenantId>> throughExecutor = new FutureTask<>(asked);
            TenantContext.run(ONE, () -> TenantContext.propagating(executor).execute(throughExecutor));

            // Handed over by nobody, it runs for nobody, whoever lends it the thread.
            Callable<Optional<TenantId>> nobodys = TenantContext.propagating(asked);
            assertThat(TenantContext.<Optional<TenantId>, Exception>call(TWO, nobodys::call)).isEmpty();
            assertThat(bare.get()).isEmpty();
            assertThat(handed.get()).contains(ONE);
            assertThat(throughExecutor.get()).contains(ONE);
        }
    }
}
