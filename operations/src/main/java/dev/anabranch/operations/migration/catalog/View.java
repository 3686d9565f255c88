// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A view or a materialized view.
 *
 * @param name its name
 * @param materialized whether it keeps its rows
 * @param query what it asks
 * @param options such as {@code security_invoker=true}, sorted
 * @param columns its columns with their types: {@code price numeric(10,2)}
 * @param columnComments the comments on its columns
 * @param comment the comment on it
 */
public record View(
        String name,
        boolean materialized,
        String query,
        List<String> options,
        List<String> columns,
        Map<String, String> columnComments,
        @Nullable String comment)
        implements SchemaObject {
    /** Copies the lists. */
    public View {
        options = List.copyOf(options);
        columns = List.copyOf(columns);
        columnComments = Map.copyOf(columnComments);
    }

    @Override
    public ObjectId id() {
        return ObjectId.of(Kind.VIEW, name);
    }

    View asking(String newQuery) {
        return new View(name, materialized, newQuery, options, columns, columnComments, comment);
    }
}
