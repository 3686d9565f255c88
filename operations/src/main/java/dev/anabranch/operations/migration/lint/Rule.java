// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

/** Rules that look at one statement after another. */
interface Rule {
    /** Looks at a statement; what the statements before have made is known, what this one makes is not yet. */
    void look(ReadStatement statement, Situation now);
}
