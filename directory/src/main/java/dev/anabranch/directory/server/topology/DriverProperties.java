// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.topology;

import dev.anabranch.directory.server.problem.ProblemCode;
import dev.anabranch.directory.server.problem.ProblemException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Which of a driver's parameters may be sent to every application. */
final class DriverProperties {
    private static final Pattern KEY = Pattern.compile("[A-Za-z][A-Za-z0-9_.-]{0,63}");
    private static final int MAX_VALUE = 1024;

    // They name classes to load, files to read or write, or statements to run in every application.
    private static final Set<String> REFUSED = Set.of(
            "user",
            "username",
            "socketfactory",
            "socketfactoryarg",
            "sslfactory",
            "sslfactoryarg",
            "sslhostnameverifier",
            "authenticationpluginclassname",
            "xmlfactoryfactory",
            "loggerfile",
            "autodeserialize",
            "allowlocalinfile",
            "allowloadlocalinfile",
            "allowurlinlocalinfile",
            "queryinterceptors",
            "connectionlifecycleinterceptors",
            "credentialtype",
            "pghost",
            "pgport",
            "pgdbname",
            "service");

    private DriverProperties() {}

    static void check(Map<String, String> properties) {
        properties.forEach((key, value) -> {
            String lower = key.toLowerCase(Locale.ROOT);
            if (!KEY.matcher(key).matches() || lower.contains("password") || REFUSED.contains(lower)) {
                throw refused("The driver property '" + printable(key) + "' is not allowed here");
            }
            if (value == null || value.length() > MAX_VALUE || value.chars().anyMatch(Character::isISOControl)) {
                throw refused("The driver property '" + key + "' has a value that is not allowed");
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

    private static ProblemException refused(String detail) {
        return new ProblemException(
                ProblemCode.CONFIGURATION_INVALID,
                detail,
                List.of("Give the credential as user and password, and no property that loads classes or files"));
    }
}
