// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;

/**
 * Metadata that leads back to the routed connection, and not past it to the pool's.
 *
 * <p>A reflective proxy, unlike the statements: metadata is asked for at start and by tools, not for each query.
 */
final class RoutedMetaData {
    private RoutedMetaData() {}

    static DatabaseMetaData of(Connection routed, DatabaseMetaData target) {
        return (DatabaseMetaData) Proxy.newProxyInstance(
                RoutedMetaData.class.getClassLoader(),
                new Class<?>[] {DatabaseMetaData.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("getConnection")) {
                        return routed;
                    }
                    try {
                        return method.invoke(target, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
