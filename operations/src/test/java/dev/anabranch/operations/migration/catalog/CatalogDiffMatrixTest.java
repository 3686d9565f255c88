// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * For each kind of object one planted change, in both directions. The pairs are in {@code catalog-matrix.sql}: a case begins
 * with {@code ---- name}, its two sides are {@code -- A} and {@code -- B}, and what comes before is common to both.
 */
class CatalogDiffMatrixTest {
    private static Schemas schemas;

    record Case(String name, String from, String to) {
        @Override
        public String toString() {
            return name;
        }
    }

    @BeforeAll
    static void start() throws SQLException {
        schemas = Schemas.database();
    }

    @AfterAll
    static void stop() throws SQLException {
        schemas.close();
    }

    static Stream<Case> cases() throws IOException, SQLException {
        String text;
        try (var in = Objects.requireNonNull(CatalogDiffMatrixTest.class.getResourceAsStream("catalog-matrix.sql"))) {
            text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        String only = System.getProperty("anabranch.test.matrix", "");
        List<Case> cases = new ArrayList<>();
        for (String part : text.split("(?m)^---- ", -1)) {
            if (part.isBlank() || part.startsWith("-- ")) {
                continue;
            }
            String name = part.lines().findFirst().orElseThrow();
            String body = part.substring(name.length());
            if (name.startsWith("18: ") && schemas.connection().getMetaData().getDatabaseMajorVersion() < 18) {
                continue;
            }
            int a = body.indexOf("\n-- A");
            int b = body.indexOf("\n-- B");
            String common = body.substring(0, a);
            cases.add(new Case(name, common + body.substring(a, b), common + body.substring(b)));
            cases.add(new Case(name + " (back)", common + body.substring(b), common + body.substring(a, b)));
        }
        return cases.stream().filter(one -> one.name().contains(only));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void leadsFromTheOneToTheOther(Case one) throws SQLException {
        CatalogSnapshot wanted = schemas.make("wanted", one.to());
        schemas.make("there", one.from());
        List<Step> steps = schemas.bring("there", wanted, Renames.NONE);
        if (Boolean.getBoolean("anabranch.test.print")) {
            System.out.println("== " + one.name() + "\n" + Schemas.text(steps));
        }
    }
}
