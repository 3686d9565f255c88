// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server;

import java.net.http.HttpHeaders;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a node has answered. */
record Answer(String request, int status, HttpHeaders headers, String body) {
    private static final JsonMapper JSON = new JsonMapper();

    JsonNode json() {
        return JSON.readTree(body);
    }

    String text(String pointer) {
        return json().at(pointer).asString();
    }

    long revision() {
        return json().at("/revision").asLong();
    }

    String header(String name) {
        return headers.firstValue(name).orElse("");
    }

    /** The problem's code, after a check that it is a whole problem. */
    String problem() {
        if (!header("Content-Type").startsWith("application/problem+json")) {
            throw new AssertionError("No problem details: " + this);
        }
        JsonNode problem = json();
        String code = problem.at("/code").asString();
        boolean whole = problem.at("/type").asString().equals("/problems/" + code)
                && problem.at("/status").asInt() == status
                && !problem.at("/title").asString().isBlank()
                && !problem.at("/detail").asString().isBlank()
                && !problem.at("/next_steps").isEmpty();
        if (!whole) {
            throw new AssertionError("Not whole: " + this);
        }
        return code;
    }
}
