// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

/** When a statement runs, in this order. Each phase becomes a file of its own. */
public enum Phase {
    /** In one transaction: what is made, what is added without a check of the rows that are there. */
    EXPAND,
    /**
     * Each statement by itself, outside of a transaction, and such that it can run again after it broke off: indexes made
     * concurrently, constraints validated, columns set not null after their check.
     */
    ONLINE,
    /** In one transaction: what needs the online part, and what is taken away. */
    CONTRACT
}
