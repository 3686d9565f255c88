// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.topology;

/**
 * A change needs a look at databases that was not taken, or was taken of others: ends the transaction, for the look is
 * taken without the revision's lock.
 */
final class Overtaken extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Overtaken() {
        super("overtaken", null, false, false);
    }
}
