// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.topology;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Where a database server listens, and as whom to log in.
 *
 * @param flavor the kind of server
 * @param host a name or an address, IPv6 without brackets
 * @param port 1 to 65,535
 * @param database the database's name on the server
 * @param user whom to log in as
 * @param password the password; empty where this process is not allowed to know it
 * @param properties parameters for the driver, for example {@code sslmode=verify-full}
 */
public record Endpoint(
        Flavor flavor,
        String host,
        int port,
        String database,
        String user,
        Secret password,
        Map<String, String> properties) {

    private static final Pattern URL =
            Pattern.compile("jdbc:(\\w+)://(\\[[^]]+]|[^/:?,]+)(?::(\\d{1,5}))?/([^?]+)(?:\\?(.*))?");
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._:%-]{1,255}");
    private static final Pattern PROPERTY = Pattern.compile("[A-Za-z0-9_.-]{1,63}");
    private static final Pattern PLAIN = Pattern.compile("[^\\x00-\\x1f/?#&;=\\\\]{1,63}");

    /**
     * @throws AnabranchException {@link ErrorCode#CONFIGURATION_INVALID} where a part would change the meaning of a URL
     */
    public Endpoint {
        if (!HOST.matcher(host).matches()) {
            throw invalid("The host '" + host + "' is no name and no address");
        }
        if (port < 1 || port > 65_535) {
            throw invalid("The port " + port + " is not between 1 and 65535");
        }
        if (!PLAIN.matcher(database).matches()) {
            throw invalid("The database name '" + database + "' has characters that a URL gives a meaning to");
        }
        if (user.isBlank()) {
            throw invalid("No user is given for " + host + ":" + port + "/" + database);
        }
        for (String key : properties.keySet()) {
            if (!PROPERTY.matcher(key).matches()) {
                throw invalid("The driver's parameter '" + key + "' has a name that a URL gives a meaning to");
            }
            String lower = key.toLowerCase(Locale.ROOT);
            if (lower.equals("user") || lower.contains("password") || lower.equals("passphrase")) {
                throw invalid("The driver's parameter '" + key + "' carries a credential");
            }
        }
        properties = Map.copyOf(properties);
    }

    /**
     * Reads {@code jdbc:postgresql://host:port/database?key=value}.
     *
     * @throws AnabranchException {@link ErrorCode#CONFIGURATION_INVALID} where the text is not of that form
     */
    public static Endpoint ofUrl(String url, String user, Secret password) {
        Matcher parts = URL.matcher(url);
        if (!parts.matches()) {
            throw invalid("The address '" + withoutParameters(url) + "' is not of the form jdbc:postgresql://host:port/database");
        }
        Flavor flavor = Flavor.of(parts.group(1))
                .orElseThrow(() -> invalid("The address '" + withoutParameters(url) + "' is of no known flavor"));
        String host = parts.group(2);
        Map<String, String> properties = new TreeMap<>();
        if (parts.group(5) != null && !parts.group(5).isEmpty()) {
            for (String pair : parts.group(5).split("&", -1)) {
                int equals = pair.indexOf('=');
                if (equals < 1) {
                    throw invalid("The address '" + withoutParameters(url) + "' has a parameter without a value");
                }
                String key = pair.substring(0, equals);
                properties.put(key, URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
            }
        }
        return new Endpoint(
                flavor,
                host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
                parts.group(3) == null ? flavor.defaultPort() : Integer.parseInt(parts.group(3)),
                parts.group(4),
                user,
                password,
                properties);
    }

    /** The address for the driver, without a credential. */
    public String jdbcUrl() {
        String address = host.contains(":") ? "[" + host + "]" : host;
        String parameters = new TreeMap<>(properties)
                .entrySet().stream()
                        .map(p -> p.getKey() + "=" + URLEncoder.encode(p.getValue(), StandardCharsets.UTF_8))
                        .collect(Collectors.joining("&"));
        return "jdbc:" + flavor.subprotocol() + "://" + address + ":" + port + "/" + database
                + (parameters.isEmpty() ? "" : "?" + parameters);
    }

    /** The same place for another user. */
    public Endpoint as(String otherUser, Secret otherPassword) {
        return new Endpoint(flavor, host, port, database, otherUser, otherPassword, properties);
    }

    /** The same place without the password, for those who may not know it. */
    public Endpoint withoutPassword() {
        return new Endpoint(flavor, host, port, database, user, Secret.of(""), properties);
    }

    /** {@code host:port/database}, for messages. */
    public String address() {
        return host + ":" + port + "/" + database;
    }

    private static String withoutParameters(String url) {
        // A password may stand in the parameters, or before an @ in the host.
        String path = url.replaceFirst("\\?.*", "?…");
        return path.contains("@") ? path.replaceFirst("//[^@]*@", "//***@") : path;
    }

    private static AnabranchException invalid(String problem) {
        return new AnabranchException(
                ErrorCode.CONFIGURATION_INVALID,
                problem,
                "Give flavor, host, port and database, and the credential as user and password of their own");
    }
}
