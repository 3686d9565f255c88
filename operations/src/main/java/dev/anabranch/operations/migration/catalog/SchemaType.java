// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A type that the schema makes. */
public sealed interface SchemaType extends SchemaObject {
    /** Its name. */
    String name();

    @Override
    default ObjectId id() {
        return ObjectId.of(Kind.TYPE, name());
    }

    /**
     * An enum.
     *
     * @param name its name
     * @param values its values in order
     * @param comment the comment on it
     */
    record EnumType(String name, List<String> values, @Nullable String comment) implements SchemaType {
        /** Copies the list. */
        public EnumType {
            values = List.copyOf(values);
        }
    }

    /**
     * A domain.
     *
     * @param name its name
     * @param base the type beneath
     * @param collation the collation where it is not the base type's own
     * @param notNull whether it takes no null
     * @param expression the default; null without one
     * @param checks the definitions of its checks, sorted, each with its name; the names are of no matter
     * @param comment the comment on it
     */
    record DomainType(
            String name,
            String base,
            @Nullable String collation,
            boolean notNull,
            @Nullable String expression,
            List<Check> checks,
            @Nullable String comment)
            implements SchemaType {
        /** Copies the list. */
        public DomainType {
            checks = List.copyOf(checks);
        }
    }

    /**
     * A domain's check.
     *
     * @param name its name, which is of no matter
     * @param definition {@code CHECK ((VALUE > 0))}
     * @param comment the comment on it
     */
    record Check(String name, String definition, @Nullable String comment) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Check that
                    && definition.equals(that.definition)
                    && java.util.Objects.equals(comment, that.comment);
        }

        @Override
        public int hashCode() {
            return definition.hashCode();
        }
    }

    /**
     * A composite type. The order of its attributes is of no matter, as with a table's columns.
     *
     * @param name its name
     * @param attributes the attributes' types by name, with a collation that is not the type's own
     * @param attributeComments the comments on them
     * @param comment the comment on it
     */
    record CompositeType(
            String name,
            Map<String, String> attributes,
            Map<String, String> attributeComments,
            @Nullable String comment)
            implements SchemaType {
        /** Copies the maps; the attributes keep their order. */
        public CompositeType {
            attributes = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(attributes));
            attributeComments = java.util.Collections.unmodifiableMap(new TreeMap<>(attributeComments));
        }
    }
}
