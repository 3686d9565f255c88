// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.credential;

import org.jspecify.annotations.Nullable;

/** The key for passwords at rest cannot be used; the node does not start. */
public final class CredentialKeyInvalidException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CredentialKeyInvalidException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
