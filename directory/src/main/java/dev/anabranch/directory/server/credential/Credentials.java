// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.credential;

import dev.anabranch.directory.server.DirectoryProperties;
import dev.anabranch.directory.server.problem.ProblemCode;
import dev.anabranch.directory.server.problem.ProblemException;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.topology.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Passwords of databases, as they are stored and as they are used.
 *
 * <p>A reference is resolved anew each time, so a file's new content is seen at once. Where it cannot be resolved any
 * more, the last value that this node has seen goes on: a file that is being replaced is no reason to cut off a database.
 */
@Component
public class Credentials {
    private static final Logger LOG = LoggerFactory.getLogger(Credentials.class);

    private final @Nullable CredentialCipher cipher;
    private final Set<Path> ownFiles;
    private final Map<Source, Secret> lastSeen = new ConcurrentHashMap<>();
    private final Set<Source> unresolved = ConcurrentHashMap.newKeySet();

    private record Source(String database, String stored) {}

    Credentials(DirectoryProperties properties) {
        this.cipher = cipher(properties);
        this.ownFiles = Stream.of(
                        properties.credentialKeyFile(),
                        properties.adminTokenFile(),
                        fileOf(properties.meta().password()))
                .filter(Objects::nonNull)
                .map(path -> path.toAbsolutePath().normalize())
                .collect(Collectors.toUnmodifiableSet());
    }

    private static @Nullable CredentialCipher cipher(DirectoryProperties properties) {
        String key = properties.credentialKey();
        Path file = properties.credentialKeyFile();
        try {
            if (key != null && !key.isBlank()) {
                return new CredentialCipher(key);
            }
            return file == null ? null : new CredentialCipher(Files.readString(file));
        } catch (IOException e) {
            throw new CredentialKeyInvalidException("The credential key's file " + file + " cannot be read", e);
        } catch (IllegalArgumentException e) {
            throw new CredentialKeyInvalidException(String.valueOf(e.getMessage()), null);
        }
    }

    private static @Nullable Path fileOf(String text) {
        return text.startsWith("file:") ? Path.of(text.substring("file:".length())) : null;
    }

    /** Whether passwords can be stored, and not only references to them. */
    public boolean canSeal() {
        return cipher != null;
    }

    /**
     * What is stored for a password that was given.
     *
     * @param password a reference, or the password itself
     * @throws ProblemException where there is no key to seal it, or where it refers to a secret of the directory's own
     */
    public String stored(String database, String password) {
        if (Secret.isReference(password)) {
            checkReference(password);
            return password;
        }
        if (cipher == null) {
            throw new ProblemException(
                    ProblemCode.CREDENTIAL_KEY_MISSING,
                    "A password was given for '" + database + "', and this node has no key to encrypt it with");
        }
        return cipher.seal(database, password);
    }

    /** The password, if this node can come by it. */
    public Optional<Secret> resolve(String database, String stored) {
        Source source = new Source(database, stored);
        try {
            Secret secret = open(database, stored);
            lastSeen.put(source, secret);
            if (unresolved.remove(source)) {
                LOG.info("The credential of '{}' is resolved again", database);
            }
            return Optional.of(secret);
        } catch (AnabranchException | GeneralSecurityException | IllegalArgumentException e) {
            Secret last = lastSeen.get(source);
            if (unresolved.add(source)) {
                String reason = e instanceof AnabranchException known
                        ? known.problem()
                        : "It was encrypted with another key than this node's";
                LOG.error(
                        "The credential of '{}' cannot be resolved: {}; {}",
                        database,
                        reason,
                        last == null ? "it is left out" : "the last one seen goes on");
            }
            return Optional.ofNullable(last);
        }
    }

    private Secret open(String database, String stored) throws GeneralSecurityException {
        if (!stored.startsWith(CredentialCipher.PREFIX)) {
            return Secret.resolve(stored, System::getenv);
        }
        if (cipher == null) {
            throw new GeneralSecurityException("no key");
        }
        return Secret.of(cipher.open(database, stored));
    }

    /** Whoever may name a reference could otherwise have the directory's own secrets sent to applications. */
    private void checkReference(String reference) {
        boolean own;
        if (reference.startsWith("env:")) {
            String name = reference.substring("env:".length());
            if (name.isBlank() || name.indexOf('\0') >= 0 || name.indexOf('=') >= 0) {
                throw refused("The password refers to a variable without a usable name");
            }
            own = name.toUpperCase(Locale.ROOT).startsWith("ANABRANCH_");
        } else {
            try {
                Path path = Path.of(reference.substring("file:".length()));
                own = !path.isAbsolute() || ownFiles.contains(path.normalize()) || ownFiles.contains(real(path));
            } catch (java.nio.file.InvalidPathException e) {
                throw refused("The password refers to a file whose path is not valid");
            }
        }
        if (own) {
            throw refused("The password refers to a secret of the directory's own, or to a relative path");
        }
    }

    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            return path;
        }
    }

    private static ProblemException refused(String detail) {
        return new ProblemException(ProblemCode.CREDENTIAL_REFERENCE_REFUSED, detail);
    }
}
