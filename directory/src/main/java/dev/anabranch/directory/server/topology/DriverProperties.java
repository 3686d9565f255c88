// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.topology;

import dev.anabranch.directory.server.problem.ProblemCode;
import dev.anabranch.directory.server.problem.ProblemException;
import dev.anabranch.topology.Flavor;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Which of a driver's parameters may be sent to every application.
 *
 * <p>Those alone that are known to be harmless: drivers have parameters that load classes, read and write files, run
 * statements or send a password elsewhere, and each release may add one. The names are those of pgjdbc 42.7 and of
 * MariaDB's connector 3, which know them in this spelling.
 */
final class DriverProperties {
    private static final Set<String> POSTGRES = Set.of(
            "sslmode",
            "sslrootcert",
            "connectTimeout",
            "loginTimeout",
            "socketTimeout",
            "tcpKeepAlive",
            "ApplicationName",
            "prepareThreshold",
            "preparedStatementCacheQueries",
            "reWriteBatchedInserts",
            "targetServerType");
    private static final Set<String> MYSQL = Set.of(
            "sslMode",
            "connectTimeout",
            "socketTimeout",
            "tcpKeepAlive",
            "useServerPrepStmts",
            "cachePrepStmts",
            "prepStmtCacheSize");

    /** A certificate authority of one's own needs its file, which each application has itself and only reads. */
    private static final Set<String> FILES = Set.of("sslrootcert");

    private static final Pattern VALUE = Pattern.compile("[A-Za-z0-9 ._-]{1,255}");
    private static final Pattern PATH = Pattern.compile("(/[A-Za-z0-9_-][A-Za-z0-9._-]*){1,20}");

    private DriverProperties() {}

    static void check(Flavor flavor, Map<String, String> properties) {
        Set<String> allowed =
                switch (flavor) {
                    case POSTGRES -> POSTGRES;
                    case MYSQL, MARIADB -> MYSQL;
                };
        properties.forEach((key, value) -> {
            if (!allowed.contains(key)) {
                throw refused(
                        "The driver property '" + printable(key) + "' is not allowed here",
                        "Use one of " + new TreeSet<>(allowed));
            }
            Pattern plain = FILES.contains(key) ? PATH : VALUE;
            if (value == null || !plain.matcher(value).matches()) {
                throw refused(
                        "The driver property '" + key + "' has a value that is not allowed",
                        FILES.contains(key) ? "Give an absolute path" : "Use letters, digits, spaces and . _ -");
            }
        });
    }

    private static String printable(String key) {
        return key.codePoints()
                .limit(64)
                .filter(c -> !Character.isISOControl(c))
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static ProblemException refused(String detail, String hint) {
        return new ProblemException(ProblemCode.CONFIGURATION_INVALID, detail, List.of(hint));
    }
}
