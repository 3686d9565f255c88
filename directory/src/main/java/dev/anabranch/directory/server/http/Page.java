// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.anabranch.directory.server.problem.ProblemCode;
import dev.anabranch.directory.server.problem.ProblemException;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Part of a list.
 *
 * @param items what is in this part
 * @param next where the next part begins; absent where this was the last
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Page<T>(
        List<T> items,
        @Nullable @Schema(description = "Where the next part begins; absent where this was the last") String next) {
    static final int LARGEST = 1000;

    /** One row more than asked for was read, and tells whether there is a next part. */
    static <T> Page<T> of(List<T> oneMore, int limit, Function<T, String> key) {
        if (oneMore.size() <= limit) {
            return new Page<>(oneMore, null);
        }
        List<T> items = List.copyOf(oneMore.subList(0, limit));
        return new Page<>(items, key.apply(items.getLast()));
    }

    static int checkedLimit(int limit) {
        if (limit < 1 || limit > LARGEST) {
            throw new ProblemException(
                    ProblemCode.REQUEST_INVALID, "The parameter 'limit' is not between 1 and " + LARGEST);
        }
        return limit;
    }
}
