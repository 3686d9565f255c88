// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.hibernate;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.hibernate.mapping.Component;
import org.hibernate.mapping.PersistentClass;
import org.hibernate.mapping.Property;
import org.hibernate.mapping.SimpleValue;
import org.hibernate.mapping.ToOne;
import org.hibernate.mapping.Value;
import org.hibernate.metamodel.mapping.JdbcMapping;
import org.hibernate.type.BasicType;
import org.hibernate.type.CompositeType;
import org.hibernate.type.Type;
import org.jspecify.annotations.Nullable;

/**
 * How to get from an entity's state to the value of its shard key's column: an attribute, then attributes of embedded
 * values within it.
 *
 * @param attribute the entity's attribute, or null for the identifier
 * @param steps the embedded values on the way, outermost first
 * @param column the column's type
 */
record ShardKeyPath(@Nullable String attribute, List<Step> steps, JdbcMapping column) {

    /**
     * One embedded value.
     *
     * @param type the embedded value's type
     * @param index which of its attributes to take
     */
    record Step(CompositeType type, int index) {}

    /** The path of an entity to the column, if one of its attributes is what Hibernate writes there. */
    static Optional<ShardKeyPath> of(PersistentClass entity, String column) {
        for (Property property : entity.getPropertyClosure()) {
            if (property.isInsertable()) {
                Optional<ShardKeyPath> path =
                        within(property.getName(), property.getValue(), List.of(), column);
                if (path.isPresent()) {
                    return path;
                }
            }
        }
        return within(null, entity.getIdentifier(), List.of(), column);
    }

    /** Whether an entity has the column as an association's, whose value is another entity and no tenant's id. */
    static boolean isAssociation(PersistentClass entity, String column) {
        return entity.getPropertyClosure().stream()
                .map(Property::getValue)
                .anyMatch(value -> value instanceof ToOne
                        && value.getColumns().stream()
                                .anyMatch(one -> one.getName().toLowerCase(Locale.ROOT).equals(column)));
    }

    /** The value, as it would be written into the column; null where there is none. */
    @Nullable Object valueIn(@Nullable Object attributeOrIdentifier) {
        Object value = attributeOrIdentifier;
        for (Step step : steps) {
            if (value == null) {
                return null;
            }
            value = step.type().getPropertyValues(value)[step.index()];
        }
        return value == null ? null : column.convertToRelationalValue(value);
    }

    private static Optional<ShardKeyPath> within(
            @Nullable String attribute, Value value, List<Step> steps, String column) {
        if (value instanceof Component component) {
            List<Property> properties = component.getProperties();
            for (int i = 0; i < properties.size(); i++) {
                List<Step> deeper = new ArrayList<>(steps);
                deeper.add(new Step(component.getType(), i));
                Optional<ShardKeyPath> path = within(attribute, properties.get(i).getValue(), deeper, column);
                if (path.isPresent()) {
                    return path;
                }
            }
            return Optional.empty();
        }
        boolean plain = value instanceof SimpleValue && !(value instanceof ToOne);
        if (!plain || value.getColumnSpan() != 1 || value.getColumns().isEmpty()) {
            return Optional.empty();
        }
        Type type = value.getType();
        return value.getColumns().getFirst().getName().toLowerCase(Locale.ROOT).equals(column)
                        && type instanceof BasicType<?> basic
                ? Optional.of(new ShardKeyPath(attribute, steps, basic.getJdbcMapping()))
                : Optional.empty();
    }
}
