// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

import org.jspecify.annotations.Nullable;

/**
 * A server could not be unpacked, started, stopped or found. The message says which server, in which folder and on
 * which port, shows the last lines of its log, and says what to do; it never holds a password.
 */
public final class DevClusterException extends RuntimeException {

    DevClusterException(String message) {
        this(message, null);
    }

    DevClusterException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
