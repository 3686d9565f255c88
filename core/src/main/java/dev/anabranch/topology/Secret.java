// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.topology;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A credential in memory: compared like any value, and never shown by {@link #toString()}.
 *
 * <p>In configuration it is written as a reference, {@code env:NAME} or {@code file:/path}, or as it is.
 */
public final class Secret {
    private final String value;

    private Secret(String value) {
        this.value = value;
    }

    /** The credential itself, not a reference. */
    public static Secret of(String value) {
        return new Secret(value);
    }

    /** Whether the text is a reference ({@code env:} or {@code file:}) rather than the credential itself. */
    public static boolean isReference(String text) {
        return text.startsWith("env:") || text.startsWith("file:");
    }

    /**
     * Reads a credential that may be a reference.
     *
     * @param text {@code env:NAME}, {@code file:/path} (its content without a closing line break), or the credential
     * @param environment answers with a variable's value, or null
     * @throws AnabranchException {@link ErrorCode#CONFIGURATION_INVALID} where the reference leads nowhere
     */
    public static Secret resolve(String text, Function<String, @Nullable String> environment) {
        if (text.startsWith("env:")) {
            String name = text.substring("env:".length());
            String value = environment.apply(name);
            if (value == null) {
                throw new AnabranchException(
                        ErrorCode.CONFIGURATION_INVALID,
                        "The credential refers to the environment variable " + name + ", which is not set",
                        "Set it for this process, or refer to another one");
            }
            return new Secret(value);
        }
        if (text.startsWith("file:")) {
            Path file = Path.of(text.substring("file:".length()));
            try {
                return new Secret(Files.readString(file).replaceFirst("\\R\\z", ""));
            } catch (IOException e) {
                throw new AnabranchException(
                        ErrorCode.CONFIGURATION_INVALID,
                        "The credential refers to the file " + file + ", which cannot be read ("
                                + e.getClass().getSimpleName() + ")",
                        "Check that it exists and that this process may read it",
                        e);
            }
        }
        return new Secret(text);
    }

    /** The credential in the clear: for the driver and for the wire alone. */
    public String reveal() {
        return value;
    }

    /** Whether there is none, or none that this process may know. */
    public boolean isEmpty() {
        return value.isEmpty();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Secret secret && secret.value.equals(value);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    @Override
    public String toString() {
        return "***";
    }
}
