// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.desired.broken;

import jakarta.persistence.Entity;

/** An entity without an identifier, at which Hibernate fails. */
@Entity
public class Unmappable {
    String name;
}
