// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.http;

import dev.anabranch.directory.server.store.Outcome;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;

/** Answers with the revision as their ETag. */
final class Answers {
    private Answers() {}

    static <T> ResponseEntity<T> at(long revision, T body) {
        return ResponseEntity.ok()
                .eTag("\"" + revision + "\"")
                .cacheControl(CacheControl.noStore())
                .contentType(MediaType.APPLICATION_JSON)
                .body(body);
    }

    static ResponseEntity<Outcome> of(Outcome outcome) {
        return ResponseEntity.status(outcome.created() ? 201 : 200)
                .eTag("\"" + outcome.revision() + "\"")
                .cacheControl(CacheControl.noStore())
                .contentType(MediaType.APPLICATION_JSON)
                .body(outcome);
    }
}
