// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.web;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/**
 * A failure as RFC 9457 has it, with a stable code and what to do next.
 *
 * @param status the answer's status
 * @param code the stable code, for example {@code tenant_not_bound}
 * @param detail what happened, as far as the caller may know
 * @param nextSteps what the caller can do
 * @param retryAfterSeconds when to try again; 0 where trying again does not help
 */
record Problem(HttpStatus status, String code, String detail, List<String> nextSteps, int retryAfterSeconds) {

    /**
     * The members of the JSON object, in the order they are written.
     *
     * @param instance the request's path, or null where it may be none
     */
    Map<String, Object> members(@Nullable String instance) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("type", "about:blank");
        members.put("title", status.getReasonPhrase());
        members.put("status", status.value());
        members.put("detail", detail);
        if (instance != null) {
            members.put("instance", instance);
        }
        members.put("code", code);
        members.put("next_steps", nextSteps);
        return members;
    }
}
