// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class ArrayCastsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "(x)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])"
                        + "|(x)::text = ANY (ARRAY[('a'::character varying)::text, ('b'::character varying)::text])",
                "(ARRAY['it''s, ]'::character varying])::text[]|ARRAY[('it''s, ]'::character varying)::text]",
                "(ARRAY[E'\\\\', f(1, 2), y[1]])::character varying(10)[]"
                        + "|ARRAY[(E'\\\\')::character varying(10), (f(1, 2))::character varying(10), (y[1])::character varying(10)]",
                "(ARRAY['a'])::\"My Type\"[]|ARRAY[('a')::\"My Type\"]",
                "(ARRAY[(ARRAY[1])::bigint[]])::text[]|ARRAY[(ARRAY[(1)::bigint])::text]",
                "ARRAY[('a'::character varying)::text]|ARRAY[('a'::character varying)::text]",
                "'(ARRAY[1])::text[]'::text|'(ARRAY[1])::text[]'::text",
                "(ARRAY[1, 2])[1]|(ARRAY[1, 2])[1]",
            })
    void movesCastsInwards(String written, String read) {
        assertThat(ArrayCasts.inwards(written)).isEqualTo(read);
        assertThat(ArrayCasts.inwards(read)).isEqualTo(read);
    }
}
