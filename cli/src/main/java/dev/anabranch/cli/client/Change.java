// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli.client;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Something to change in the directory.
 *
 * @param method {@code PUT}, {@code POST} or {@code DELETE}
 * @param path from {@code /v1} on, without a query
 * @param body what is sent as JSON; null where nothing is
 * @param force whether to change it although rows stay behind
 * @param check whether its plan says too if what it names can be reached
 * @param headers what else is said about it, by the header's name
 */
public record Change(
        String method,
        String path,
        @Nullable Map<String, ? extends @Nullable Object> body,
        boolean force,
        boolean check,
        Map<String, String> headers) {
    static final String IF_MATCH = "If-Match";
    static final String IDEMPOTENCY_KEY = "Idempotency-Key";

    /** Keeps the headers from being changed. */
    public Change {
        headers = Map.copyOf(headers);
    }

    /** Creates or replaces what is at a path. */
    public static Change put(String path, Map<String, ? extends @Nullable Object> body) {
        return new Change("PUT", path, body, false, false, Map.of());
    }

    /** Removes what is at a path. */
    public static Change delete(String path) {
        return new Change("DELETE", path, null, false, false, Map.of());
    }

    /** Adds something that the directory names itself. */
    public static Change post(String path, Map<String, ? extends @Nullable Object> body) {
        return new Change("POST", path, body, false, false, Map.of());
    }

    /** The same, forced or not. */
    public Change forced(boolean force) {
        return new Change(method, path, body, force, check, headers);
    }

    /** The same, with a plan that says if what it names can be reached, or without. */
    public Change checked(boolean check) {
        return new Change(method, path, body, force, check, headers);
    }

    /** The same, good for one revision of the topology alone: the one that it was made from. */
    public Change from(long revision) {
        return with(IF_MATCH, "\"" + revision + "\"");
    }

    /** The same, under a name by which the directory makes it once, however often it is sent. */
    public Change once(String key) {
        return with(IDEMPOTENCY_KEY, key);
    }

    private Change with(String name, String value) {
        var more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new Change(method, path, body, force, check, more);
    }

    /** A path of literal segments, each escaped so that it can be nothing but a name. */
    public static String path(String... segments) {
        return Arrays.stream(segments).map(Change::escaped).collect(Collectors.joining("/", "/v1/", ""));
    }

    /** The text as a part of a URI: all but letters, digits and four marks as percent escapes of UTF-8. */
    public static String escaped(String text) {
        var escaped = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (plain || List.of('-', '_', '~', '.').contains(c)) {
                escaped.append(c);
            } else {
                escaped.append(String.format("%%%02X", (int) c));
            }
        }
        return escaped.toString();
    }
}
