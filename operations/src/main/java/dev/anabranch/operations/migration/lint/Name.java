// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

/**
 * A name in a statement.
 *
 * @param schema the part before the point; empty without one
 * @param name the last part, in lower case unless it is quoted
 * @param written as it stands in the statement
 */
record Name(String schema, String name, String written) {
    /** The last part as it stands in the statement. */
    String lastWritten() {
        return name.matches("[a-z_][a-z0-9_]*") ? name : "\"" + name.replace("\"", "\"\"") + "\"";
    }

    /** Under which the table is known: without the schema where that is the group's own. */
    String key(String own) {
        return schema.isEmpty() || schema.equals(own) ? name : schema + "." + name;
    }
}
