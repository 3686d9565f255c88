// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.topology;

import dev.anabranch.Servers;
import dev.anabranch.tenant.TenantId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Java and the server must put every tenant into the same bucket. */
class BucketTest {
    private static final int SAMPLES = 20_000;

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);

    @Test
    void hashesTextAsTheServerDoes() throws SQLException {
        List<String> ids = new ArrayList<>(samples(this::text));
        // Every length around the hash's words of 4 and blocks of 12 bytes.
        IntStream.rangeClosed(1, 128).mapToObj("x"::repeat).forEach(ids::add);
        assertServerAgrees(KeyType.TEXT, ids, "text", "hashtextextended");
    }

    @Test
    void hashesBigintAsTheServerDoes() throws SQLException {
        List<String> ids = new ArrayList<>(samples(() -> Long.toString(random.nextLong() >> random.nextInt(64))));
        Stream.of(0L, 1L, -1L, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 31, 1L << 32, -(1L << 31), -(1L << 32))
                .map(number -> Long.toString(number))
                .forEach(ids::add);
        assertServerAgrees(KeyType.BIGINT, ids, "bigint", "hashint8extended");
    }

    @Test
    void hashesUuidAsTheServerDoes() throws SQLException {
        assertServerAgrees(
                KeyType.UUID,
                samples(() -> new UUID(random.nextLong(), random.nextLong()).toString()),
                "uuid",
                "uuid_hash_extended");
    }

    private void assertServerAgrees(KeyType type, List<String> ids, String sqlType, String function)
            throws SQLException {
        String sql = "select id, " + function + "(id::" + sqlType + ", 0), " + function + "(id::" + sqlType
                + ", 0) & 4095 from unnest(?::text[]) as id";
        try (Connection connection = Servers.shared().connect("postgres");
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setArray(1, connection.createArrayOf("text", ids.toArray()));
            int compared = 0;
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    TenantId tenant = new TenantId(rows.getString(1));
                    assertThat(type.hash(tenant)).as("%s, seed %d", tenant, seed).isEqualTo(rows.getLong(2));
                    assertThat(Bucket.of(tenant, type)).isEqualTo(rows.getInt(3));
                    compared++;
                }
            }
            assertThat(compared).isEqualTo(ids.size());
        }
    }

    private static List<String> samples(Supplier<String> source) {
        return Stream.generate(source).limit(SAMPLES).toList();
    }

    private String text() {
        int length = 1 + random.nextInt(40);
        StringBuilder text = new StringBuilder();
        while (text.length() < length) {
            int codePoint = random.nextBoolean() ? 0x21 + random.nextInt(0x5E) : random.nextInt(0x2FFFF);
            if (Character.isLetterOrDigit(codePoint) || (codePoint >= 0x21 && codePoint < 0x7F)) {
                text.appendCodePoint(codePoint);
            }
        }
        return text.append('x').toString();
    }
}
