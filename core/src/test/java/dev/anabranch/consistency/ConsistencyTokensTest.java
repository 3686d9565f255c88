// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.consistency;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.topology.Secret;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ConsistencyTokensTest {
    private static final Secret FIRST = Secret.of("a-key-of-thirty-two-characters-1");
    private static final Secret SECOND = Secret.of("a-key-of-thirty-two-characters-2");
    private static final Map<String, Mark> MARKS =
            Map.of("main", new Mark(-7, 1_700_000_000_000_000L), "reviews", new Mark(Mark.UNKNOWN_TIMELINE, 42));

    private final ConsistencyTokens tokens = new ConsistencyTokens(List.of(FIRST));

    @Test
    void tellsWhatWasWritten() {
        String token = tokens.write(new ConsistencySession(MARKS));

        assertThat(tokens.read(token).marks()).isEqualTo(MARKS);
        assertThat(token).matches("[A-Za-z0-9_-]+").hasSizeLessThan(110);
        assertThat(tokens.read(tokens.write(new ConsistencySession())).marks()).isEmpty();
    }

    @Test
    void isReadByAllWhoHaveTheKeyAndByNobodyElse() {
        ConsistencyTokens next = new ConsistencyTokens(List.of(SECOND, FIRST));
        String old = tokens.write(new ConsistencySession(MARKS));
        String fresh = next.write(new ConsistencySession(MARKS));

        assertThat(next.read(old).marks()).isEqualTo(MARKS);
        assertThat(next.read(fresh).marks()).isEqualTo(MARKS);
        assertInvalid(tokens, fresh, "key that is not known here");
        assertInvalid(new ConsistencyTokens(List.of()), old, "key that is not known here");
        String random = new ConsistencyTokens(List.of()).write(new ConsistencySession(MARKS));
        assertInvalid(new ConsistencyTokens(List.of()), random, "key that is not known here");
    }

    @Test
    void isRefusedWhateverCharacterWasChanged() {
        String token = tokens.write(new ConsistencySession(MARKS));
        for (int i = 0; i < token.length(); i++) {
            for (char other : List.of('A', 'B', '-', '9')) {
                if (token.charAt(i) != other) {
                    assertInvalid(tokens, token.substring(0, i) + other + token.substring(i + 1), "token");
                }
            }
        }
    }

    @Test
    void isRefusedWhereItWasCutOrMadeLonger() {
        String token = tokens.write(new ConsistencySession(MARKS));
        for (int length = 0; length < token.length(); length++) {
            assertInvalid(tokens, token.substring(0, length), "token");
        }
        assertInvalid(tokens, token + "AAAA", "was changed");
        assertInvalid(tokens, token + token, "token");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "null", "ConsistencySession{}", "äöü", "a.b.c", "=", "\u0000", "../../etc/passwd"})
    void isRefusedWhereItIsNone(String text) {
        assertInvalid(tokens, text, "token");
    }

    @Test
    void isRefusedWhereItIsTooLong() {
        assertInvalid(tokens, "A".repeat(ConsistencyTokens.MAX_LENGTH + 1), "3801 characters");
        assertInvalid(tokens, "A".repeat(10_000_000), "10000000 characters");
    }

    @Test
    void asksForNoLessWhereThereAreMoreDatabasesThanItHolds() {
        Map<String, Mark> many = new HashMap<>();
        for (int i = 0; i < 1_000; i++) {
            many.put("database-with-a-name-that-is-as-long-as-names-may-be-%010d".formatted(i), new Mark(i % 3, 1_000 + i));
        }

        String token = tokens.write(new ConsistencySession(many));

        ConsistencySession read = tokens.read(token);
        assertThat(token).hasSizeLessThanOrEqualTo(ConsistencyTokens.MAX_LENGTH);
        assertThat(read.marks()).hasSizeBetween(20, 64);
        many.forEach((database, mark) -> assertThat(read.required(database)).hasValueSatisfying(
                required -> assertThat(required.micros()).isGreaterThanOrEqualTo(mark.micros())));
        // And what was written once more says it all again.
        assertThat(tokens.read(tokens.write(read)).marks()).isEqualTo(read.marks());
    }

    private static void assertInvalid(ConsistencyTokens tokens, String token, String why) {
        assertThatThrownBy(() -> tokens.read(token))
                .isInstanceOfSatisfying(
                        AnabranchException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.CONSISTENCY_TOKEN_INVALID))
                .hasMessageContaining(why)
                .hasNoCause();
    }
}
