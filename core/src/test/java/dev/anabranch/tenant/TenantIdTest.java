// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.tenant;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class TenantIdTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "1", "acme", "'; drop table person; --", "../../etc/passwd", "${jndi:x}", "a b", "Łódź", "客户", "😀",
                "%2e%2e", "\\", "\"", "<script>", "a\u0301"
            })
    void takesAnyPrintableTextAsData(String id) {
        assertThat(new TenantId(id).value()).isEqualTo(id);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", ".", "..", " ", " a", "a ", "a\u0000b", "a\nb", "a\rb", "\t", "\u007f", "\u0085", "\u2028", "\ud800", "a\udc00",
                "\u00a0a", "\ue000", "\uffff"
            })
    void refusesWhatCannotBeStoredAndComparedAlikeEverywhere(String id) {
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() -> new TenantId(id))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.TENANT_INVALID))
                // What is shown of it cannot break a log line.
                .satisfies(e -> assertThat(e.getMessage()).doesNotContainPattern("\\p{Cntrl}"));
    }

    @ParameterizedTest
    @ValueSource(ints = {129, 4_000_000})
    void refusesTooLongOnesWithoutRepeatingThem(int length) {
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() -> new TenantId("x".repeat(length)))
                .satisfies(e -> assertThat(e.getMessage()).contains(length + " characters").hasSizeLessThan(250));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 128})
    void takesOneTo128Characters(int length) {
        assertThat(new TenantId("x".repeat(length)).value()).hasSize(length);
    }
}
