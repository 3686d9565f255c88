// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.store;

import dev.anabranch.topology.Endpoint;

/**
 * One of a database's logins as it is stored: the application's, or the owner's who migrates.
 *
 * @param database the database's name in the topology
 * @param owner whether it is the owner's
 * @param at where it leads and as whom, without the password
 * @param credential {@code env:…}, {@code file:…} or {@code sealed:…}; empty where none is given yet
 */
public record LoginRow(String database, boolean owner, Endpoint at, String credential) {
    /** The same with another credential. */
    public LoginRow withCredential(String other) {
        return new LoginRow(database, owner, at, other);
    }

    /** What messages call it. */
    public String label() {
        return owner ? database + " (owner)" : database;
    }
}
