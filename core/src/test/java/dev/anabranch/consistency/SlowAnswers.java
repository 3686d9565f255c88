// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.consistency;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** A connection whose prepared statements are executed at once, and whose answers then take a while. */
final class SlowAnswers {
    private SlowAnswers() {}

    static Connection of(Connection connection, Duration delay) {
        return proxy(Connection.class, connection, delay);
    }

    private static <T> T proxy(Class<T> type, T target, Duration delay) {
        return type.cast(Proxy.newProxyInstance(
                SlowAnswers.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    Object result;
                    try {
                        result = method.invoke(target, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                    if (method.getName().equals("executeQuery")) {
                        LockSupport.parkNanos(delay.toNanos());
                    }
                    return result instanceof PreparedStatement statement
                            ? proxy(PreparedStatement.class, statement, delay)
                            : result;
                }));
    }
}
