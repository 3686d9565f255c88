// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import dev.anabranch.operations.migration.catalog.Column.Generation;
import dev.anabranch.operations.migration.catalog.SchemaType.Check;
import dev.anabranch.operations.migration.catalog.SchemaType.CompositeType;
import dev.anabranch.operations.migration.catalog.SchemaType.DomainType;
import dev.anabranch.operations.migration.catalog.SchemaType.EnumType;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

import static dev.anabranch.operations.migration.catalog.CatalogReader.ask;

/** One reading of a schema: the rows of the catalog become objects, and their oids are remembered for what needs what. */
final class SchemaReading {
    private final Connection connection;
    private final String name;
    private final List<SchemaObject> objects = new ArrayList<>();
    private final Map<Address, ObjectId> addresses = new HashMap<>();

    /** Composite types' and views' columns, by the relation's oid. */
    private final Map<Long, Map<String, String>> attributes = new HashMap<>();

    private final Map<Long, Map<String, String>> attributeComments = new HashMap<>();
    private final Set<Long> ownSequences = new HashSet<>();

    /** Where pg_depend finds an object. */
    private record Address(String catalog, long oid, int sub) {}

    SchemaReading(Connection connection, String name) {
        this.connection = connection;
        this.name = name;
    }

    CatalogSnapshot all() throws SQLException {
        Long schema = schema();
        if (schema == null) {
            return CatalogSnapshot.empty();
        }
        objects.addAll(ask(connection, CatalogQueries.TABLES, schema, this::table));
        columns(schema);
        objects.addAll(ask(connection, CatalogQueries.CONSTRAINTS, schema, row -> {
            Constraint constraint = PartReading.constraint(row);
            remember("pg_constraint", row.getLong("oid"), constraint.id());
            if (constraint.hasIndex()) {
                remember("pg_class", row.getLong("index_oid"), constraint.id());
            }
            return constraint;
        }));
        parts(schema, CatalogQueries.INDEXES, "pg_class", PartReading::index);
        ask(connection, CatalogQueries.SEQUENCES, schema, this::sequence);
        objects.addAll(ask(connection, CatalogQueries.VIEWS, schema, this::view));
        types(schema);
        parts(schema, CatalogQueries.ROUTINES, "pg_proc", RoutineReading::routine);
        parts(schema, CatalogQueries.TRIGGERS, "pg_trigger", PartReading::trigger);
        parts(schema, CatalogQueries.POLICIES, "pg_policy", PartReading::policy);
        parts(schema, CatalogQueries.STATISTICS, "pg_statistic_ext", PartReading::statistics);
        return new CatalogSnapshot(objects, dependencies());
    }

    private void parts(long schema, String question, String catalog, CatalogReader.Row<? extends SchemaObject> part)
            throws SQLException {
        objects.addAll(ask(connection, question, schema, row -> {
            SchemaObject object = part.of(row);
            remember(catalog, row.getLong("oid"), object.id());
            return object;
        }));
    }

    private @Nullable Long schema() throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("select oid from pg_catalog.pg_namespace where nspname = ?")) {
            statement.setString(1, name);
            List<Long> found = CatalogReader.rows(statement, row -> row.getLong(1));
            return found.isEmpty() ? null : found.getFirst();
        }
    }

    private Table table(ResultSet row) throws SQLException {
        long oid = row.getLong("oid");
        ObjectId id = ObjectId.table(row.getString("relname"));
        remember("pg_class", oid, id);
        remember("pg_type", row.getLong("reltype"), id);
        String form = switch (row.getString("relreplident")) {
            case "f" -> "FULL";
            case "n" -> "NOTHING";
            case "i" -> "USING INDEX";
            default -> "DEFAULT";
        };
        String index = row.getString("identity_index");
        String head = row.getString("identity_head");
        // The index of the identity may have been dropped: then PostgreSQL treats it as nothing.
        boolean gone = form.equals("USING INDEX") && index == null;
        return new Table(
                id.name(),
                row.getBoolean("unlogged"),
                row.getString("key"),
                PartReading.list(row, "parent_names"),
                row.getString("bound"),
                PartReading.list(row, "options"),
                new Table.ReplicaIdentity(
                        gone ? "NOTHING" : form,
                        index == null || head == null || !form.equals("USING INDEX") ? "" : index.substring(head.length())),
                row.getBoolean("relrowsecurity"),
                row.getBoolean("relforcerowsecurity"),
                row.getString("comment"));
    }

    private void columns(long schema) throws SQLException {
        Set<Address> invalid = new HashSet<>(ask(
                connection,
                CatalogQueries.INVALID_NOT_NULLS,
                schema,
                row -> new Address("pg_class", row.getLong("conrelid"), row.getInt("attnum"))));
        ask(connection, CatalogQueries.COLUMNS, schema, row -> {
            long oid = row.getLong("oid");
            String column = row.getString("attname");
            String collation = row.getString("collation");
            if (!Set.of("r", "p").contains(row.getString("relkind"))) {
                String type = row.getString("type") + (collation == null ? "" : " COLLATE " + collation);
                attributes.computeIfAbsent(oid, o -> new LinkedHashMap<>()).put(column, type);
                String comment = row.getString("comment");
                if (comment != null) {
                    attributeComments.computeIfAbsent(oid, o -> new TreeMap<>()).put(column, comment);
                }
                return column;
            }
            Address address = new Address("pg_class", oid, row.getInt("attnum"));
            objects.add(column(row, row.getBoolean("not_null") && !invalid.contains(address), address));
            return column;
        });
    }

    private Column column(ResultSet row, boolean notNull, Address address) throws SQLException {
        String expression = PartReading.settled(row, "expression");
        Generation generation = switch (row.getString("attgenerated")) {
            case "s" -> Generation.STORED;
            case "v" -> Generation.VIRTUAL;
            default -> Generation.NONE;
        };
        String identity = row.getString("attidentity");
        Column.Identity numbered = null;
        Column.Serial serial = null;
        if (!identity.isEmpty()) {
            numbered = new Column.Identity(identity.equals("a"), options(row));
            own(row, address);
        } else if (isSerial(row, expression)) {
            serial = new Column.Serial(options(row), row.getString("sequence"));
            expression = null;
            own(row, address);
        }
        Column column = new Column(
                row.getString("relname"),
                row.getString("attname"),
                row.getString("type"),
                row.getString("collation"),
                notNull,
                expression,
                generation,
                numbered,
                serial,
                row.getBoolean("inherited"),
                row.getString("comment"));
        addresses.put(address, column.id());
        remember("pg_attrdef", row.getLong("default_oid"), column.hasDefault() ? column.defaultId() : column.id());
        return column;
    }

    private void own(ResultSet row, Address column) throws SQLException {
        ownSequences.add(row.getLong("sequence_oid"));
        remember("pg_class", row.getLong("sequence_oid"), ObjectId.column(row.getString("relname"), row.getString("attname")));
        addresses.put(column, ObjectId.column(row.getString("relname"), row.getString("attname")));
    }

    /** A sequence that the column owns, that its default asks, and nothing else does, and about which nothing is said. */
    private static boolean isSerial(ResultSet row, @Nullable String expression) throws SQLException {
        return expression != null
                && row.getString("sequence") != null
                && expression.equals(row.getString("next_value"))
                && row.getLong("uses") == 1
                && row.getString("sequence_comment") == null
                && row.getString("sequence_type").equals(row.getString("type"))
                && row.getString("sequence_persistence").equals(row.getString("relpersistence"));
    }

    private static Sequence.Options options(ResultSet row) throws SQLException {
        return new Sequence.Options(
                row.getString("sequence_type"),
                row.getLong("seqstart"),
                row.getLong("seqmin"),
                row.getLong("seqmax"),
                row.getLong("seqincrement"),
                row.getLong("seqcache"),
                row.getBoolean("seqcycle"));
    }

    private boolean sequence(ResultSet row) throws SQLException {
        if (ownSequences.contains(row.getLong("oid"))) {
            return false;
        }
        Sequence sequence = new Sequence(
                row.getString("relname"),
                options(row),
                PartReading.orEmpty(row.getString("owner_table")),
                PartReading.orEmpty(row.getString("owner_column")),
                row.getBoolean("unlogged"),
                row.getString("comment"));
        remember("pg_class", row.getLong("oid"), sequence.id());
        return objects.add(sequence);
    }

    private View view(ResultSet row) throws SQLException {
        long oid = row.getLong("oid");
        String query = ExpressionText.settled(row.getString("query").strip());
        View view = new View(
                row.getString("relname"),
                row.getBoolean("materialized"),
                query.endsWith(";") ? query.substring(0, query.length() - 1) : query,
                PartReading.list(row, "options"),
                attributes.getOrDefault(oid, Map.of()).entrySet().stream()
                        .map(column -> Names.quote(column.getKey()) + " " + column.getValue())
                        .toList(),
                attributeComments.getOrDefault(oid, Map.of()),
                row.getString("comment"));
        remember("pg_class", oid, view.id());
        remember("pg_rewrite", row.getLong("rule_oid"), view.id());
        remember("pg_type", row.getLong("reltype"), view.id());
        return view;
    }

    private void types(long schema) throws SQLException {
        Map<Long, List<Check>> checks = new HashMap<>();
        Map<Long, Long> checkOwners = new HashMap<>();
        ask(connection, CatalogQueries.DOMAIN_CHECKS, schema, row -> {
            checkOwners.put(row.getLong("oid"), row.getLong("contypid"));
            return checks.computeIfAbsent(row.getLong("contypid"), o -> new ArrayList<>())
                    .add(new Check(
                            row.getString("conname"),
                            ExpressionText.settled(row.getString("definition")),
                            row.getString("comment")));
        });
        objects.addAll(ask(connection, CatalogQueries.TYPES, schema, row -> {
            long oid = row.getLong("oid");
            SchemaType type = type(row, checks.getOrDefault(oid, List.of()));
            remember("pg_type", oid, type.id());
            remember("pg_type", row.getLong("typarray"), type.id());
            if (row.getLong("typrelid") != 0) {
                remember("pg_class", row.getLong("typrelid"), type.id());
            }
            return type;
        }));
        checkOwners.forEach((check, owner) -> {
            ObjectId id = addresses.get(new Address("pg_type", owner, 0));
            if (id != null) {
                remember("pg_constraint", check, id);
            }
        });
    }

    private SchemaType type(ResultSet row, List<Check> checks) throws SQLException {
        String type = row.getString("typname");
        String comment = row.getString("comment");
        return switch (row.getString("typtype")) {
            case "e" -> new EnumType(type, PartReading.list(row, "labels"), comment);
            case "d" -> new DomainType(
                    type,
                    row.getString("base"),
                    row.getString("collation"),
                    row.getBoolean("typnotnull"),
                    PartReading.settled(row, "expression"),
                    checks,
                    comment);
            default -> new CompositeType(
                    type,
                    attributes.getOrDefault(row.getLong("typrelid"), Map.of()),
                    attributeComments.getOrDefault(row.getLong("typrelid"), Map.of()),
                    comment);
        };
    }

    private Map<ObjectId, Set<ObjectId>> dependencies() throws SQLException {
        Map<ObjectId, Set<ObjectId>> needs = new HashMap<>();
        Long[] oids = addresses.keySet().stream().map(Address::oid).distinct().sorted().toArray(Long[]::new);
        try (PreparedStatement statement = connection.prepareStatement(CatalogQueries.DEPENDENCIES)) {
            statement.setArray(1, connection.createArrayOf("oid", oids));
            CatalogReader.rows(statement, row -> {
                ObjectId from = find(row.getString("class"), row.getLong("objid"), row.getInt("objsubid"));
                ObjectId to = find(row.getString("ref_class"), row.getLong("refobjid"), row.getInt("refobjsubid"));
                return from != null
                        && to != null
                        && !from.equals(to)
                        // A sequence's owner is told after both are there; a table does not need its columns.
                        && from.kind() != Kind.SEQUENCE
                        && !(from.kind() == Kind.TABLE && to.kind() == Kind.COLUMN && to.table().equals(from.name()))
                        && needs.computeIfAbsent(from, id -> new TreeSet<>()).add(to);
            });
        }
        return needs;
    }

    private @Nullable ObjectId find(String catalog, long oid, int sub) {
        ObjectId exact = addresses.get(new Address(catalog, oid, sub));
        return exact != null || sub == 0 ? exact : addresses.get(new Address(catalog, oid, 0));
    }

    private void remember(String catalog, long oid, ObjectId id) {
        addresses.put(new Address(catalog, oid, 0), id);
    }


}
