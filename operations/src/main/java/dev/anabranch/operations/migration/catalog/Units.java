// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import java.util.Set;
import java.util.TreeSet;

/** The objects of a snapshot as a comparison sees them: each default is one of its own, and children's parts are the parent's. */
final class Units {
    private Units() {}

    /** All names, those of defaults and of inherited parts included. */
    static Set<ObjectId> of(CatalogSnapshot snapshot) {
        Set<ObjectId> found = new TreeSet<>();
        for (SchemaObject object : snapshot.objects()) {
            found.add(object.id());
            if (object instanceof Column column && column.hasDefault()) {
                found.add(column.defaultId());
            }
        }
        return found;
    }

    static boolean isInherited(CatalogSnapshot snapshot, ObjectId id) {
        ObjectId holder = id.kind() == Kind.DEFAULT ? ObjectId.column(id.table(), id.name()) : id;
        SchemaObject object = snapshot.object(holder);
        return object != null && CatalogSnapshot.isInherited(object);
    }

    /** Whether nobody has to drop it: it is its parent's, or its table becomes a partition whose parent has the same. */
    static boolean isInheritedAnywhere(CatalogSnapshot from, CatalogSnapshot to, ObjectId id) {
        if (!isInherited(from, id)) {
            return false;
        }
        Table old = from.table(id.table());
        Table now = to.table(id.table());
        boolean detached = old != null && now != null && old.isPartition() && !now.isPartition();
        return !detached;
    }

    /** What the object cannot be without; a child's part stands for its parent's. */
    static Set<ObjectId> needs(CatalogSnapshot snapshot, ObjectId id) {
        Set<ObjectId> found = new TreeSet<>();
        for (ObjectId need : snapshot.needs(id)) {
            found.add(need);
            found.add(canonical(snapshot, need));
        }
        if (!id.table().isEmpty()) {
            found.add(relation(snapshot, id.table()));
        }
        if (id.kind() == Kind.DEFAULT) {
            found.add(canonical(snapshot, ObjectId.column(id.table(), id.name())));
        }
        SchemaObject object = snapshot.object(id);
        if (object instanceof Constraint constraint && !constraint.references().isEmpty()) {
            found.add(ObjectId.table(constraint.references()));
        }
        if (object instanceof Table table) {
            table.parents().stream().map(ObjectId::table).filter(snapshot::has).forEach(found::add);
        }
        if (object instanceof Statistics statistics) {
            found.add(relation(snapshot, statistics.table()));
        }
        found.remove(id);
        return found;
    }

    private static ObjectId relation(CatalogSnapshot snapshot, String name) {
        ObjectId table = ObjectId.table(name);
        return snapshot.has(table) ? table : ObjectId.of(Kind.VIEW, name);
    }

    private static ObjectId canonical(CatalogSnapshot snapshot, ObjectId id) {
        if (!isInherited(snapshot, id)) {
            return id;
        }
        Table child = snapshot.table(id.table());
        if (child != null) {
            for (String parent : child.parents()) {
                if (id.kind() == Kind.COLUMN || id.kind() == Kind.DEFAULT) {
                    ObjectId up = new ObjectId(id.kind(), parent, id.name());
                    if (snapshot.has(ObjectId.column(parent, id.name()))) {
                        return canonical(snapshot, up);
                    }
                }
                if (snapshot.object(id) instanceof Constraint constraint) {
                    for (Constraint up : snapshot.constraints(parent)) {
                        if (up.definition().equals(constraint.definition())) {
                            return canonical(snapshot, up.id());
                        }
                    }
                }
                if (snapshot.object(id) instanceof Index index) {
                    for (Index up : snapshot.indexes(parent)) {
                        if (up.definition().equals(index.definition())) {
                            return canonical(snapshot, up.id());
                        }
                    }
                }
            }
        }
        return relation(snapshot, id.table());
    }
}
