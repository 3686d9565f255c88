// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.desired.launch;

import dev.anabranch.operations.migration.desired.shop.Shop;
import org.springframework.boot.persistence.autoconfigure.EntityScan;

/** An application whose entities are in a library. */
@EntityScan(basePackageClasses = Shop.class)
public final class Launch {
    private Launch() {}
}
