// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

/** How bad a finding is. */
public enum Severity {
    /** It blocks, breaks or loses something: the file is not fit to be applied. */
    ERROR,
    /** A person should look at it. */
    WARNING
}
