// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.desired.elsewhere;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.springframework.boot.persistence.autoconfigure.EntityScan;

/** An entity that names a schema. */
@Entity
@EntityScan
@Table(schema = "neighbour")
public class Placed {
    @Id
    Long id;
}
