// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.credential;

import dev.anabranch.directory.server.DirectoryProperties;
import dev.anabranch.directory.server.problem.ProblemCode;
import dev.anabranch.directory.server.problem.ProblemException;
import dev.anabranch.directory.server.store.LoginRow;
import dev.anabranch.topology.Endpoint;
import dev.anabranch.topology.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Passwords of databases, as they are stored and as they are used.
 *
 * <p>A reference is resolved anew each time, so a file's new content is seen at once. Where it cannot be resolved any
 * more, the last value that this node has seen goes on: a file that is being replaced is no reason to cut off a database.
 * An encrypted password is decrypted anew each time, and not kept. Thread-safe.
 */
@Component
public class Credentials {
    private static final Logger LOG = LoggerFactory.getLogger(Credentials.class);

    private final @Nullable CredentialCipher cipher;
    private final References references;
    private final Map<String, Seen> lastSeen = new ConcurrentHashMap<>();
    private final Set<String> unresolved = ConcurrentHashMap.newKeySet();

    /** What a stored reference last led to; the row is part of it, so that it goes on for the same address alone. */
    private record Seen(LoginRow row, Secret secret) {}

    Credentials(DirectoryProperties properties) {
        this.cipher = cipher(properties);
        this.references = new References(properties);
    }

    private static @Nullable CredentialCipher cipher(DirectoryProperties properties) {
        String key = properties.credentialKey();
        Path file = properties.credentialKeyFile();
        boolean keyGiven = key != null && !key.isBlank();
        boolean fileGiven = file != null && !file.toString().isBlank();
        if (keyGiven && fileGiven) {
            throw new CredentialKeyInvalidException(
                    "ANABRANCH_CREDENTIAL_KEY and ANABRANCH_CREDENTIAL_KEY_FILE are both set, and only one can hold", null);
        }
        try {
            if (key != null && keyGiven) {
                return new CredentialCipher(key);
            }
            return file == null || !fileGiven ? null : new CredentialCipher(Files.readString(file));
        } catch (IOException e) {
            throw new CredentialKeyInvalidException("The credential key's file " + file + " cannot be read", e);
        } catch (IllegalArgumentException e) {
            throw new CredentialKeyInvalidException(String.valueOf(e.getMessage()), null);
        }
    }

    /**
     * The row with its credential as it is stored.
     *
     * @param row where the password leads to; its own credential is passed over
     * @param password a reference, or the password itself
     * @throws ProblemException where there is no key to seal it, or where the reference is none that is followed
     */
    public LoginRow stored(LoginRow row, String password) {
        if (Secret.isReference(password)) {
            try {
                references.check(password, row.owner());
            } catch (References.Refused e) {
                throw new ProblemException(ProblemCode.CREDENTIAL_REFERENCE_REFUSED, String.valueOf(e.getMessage()));
            }
            return row.withCredential(password);
        }
        if (cipher == null) {
            throw new ProblemException(
                    ProblemCode.CREDENTIAL_KEY_MISSING,
                    "A password was given for '" + row.label() + "', and this node has no key to encrypt it with");
        }
        return row.withCredential(cipher.seal(place(row), password));
    }

    /**
     * The credential of one login for another, which may be sent to another address: a reference as it is, an encrypted
     * password encrypted anew. Whether it may go there, the caller has to know.
     *
     * @return nothing where this node cannot decrypt it
     */
    public Optional<String> moved(LoginRow from, LoginRow to) {
        if (Secret.isReference(from.credential())) {
            return Optional.of(from.credential());
        }
        CredentialCipher own = cipher;
        return own == null
                ? Optional.empty()
                : passwordOf(from).map(password -> own.seal(place(to), password.reveal()));
    }

    /** Whether this node can come by the password; nothing is kept or told of it. */
    public boolean opens(LoginRow row) {
        return passwordOf(row).isPresent();
    }

    /** The password of a row that may not be stored yet, if this node can come by it; nothing is kept or told of it. */
    public Optional<Secret> passwordOf(LoginRow row) {
        try {
            return Optional.of(open(row));
        } catch (References.Refused | References.Unresolved | GeneralSecurityException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The password of a row that is stored, if this node can come by it. */
    public Optional<Secret> resolve(LoginRow row) {
        try {
            Secret secret = open(row);
            if (Secret.isReference(row.credential())) {
                lastSeen.put(row.label(), new Seen(row, secret));
            }
            if (unresolved.remove(row.label())) {
                LOG.info("The credential of '{}' is resolved again", row.label());
            }
            return Optional.of(secret);
        } catch (References.Refused e) {
            lastSeen.remove(row.label());
            return failed(row, String.valueOf(e.getMessage()));
        } catch (References.Unresolved e) {
            return failed(row, String.valueOf(e.getMessage()));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return failed(row, "It was encrypted with another key than this node's, or for another address");
        }
    }

    private Optional<Secret> failed(LoginRow row, String reason) {
        Seen last = lastSeen.get(row.label());
        Optional<Secret> goesOn = last != null && last.row.equals(row) ? Optional.of(last.secret) : Optional.empty();
        if (unresolved.add(row.label())) {
            LOG.error(
                    "The credential of '{}' cannot be resolved: {}; {}",
                    row.label(),
                    reason,
                    goesOn.isPresent()
                            ? "the last one that this node has seen goes on"
                            : "none is sent, and applications go on with the last one that they had");
        }
        return goesOn;
    }

    /** Forgets what was seen of other databases than these, or of other references. */
    public void retain(Collection<LoginRow> stored) {
        Set<LoginRow> rows = Set.copyOf(stored);
        lastSeen.values().removeIf(seen -> !rows.contains(seen.row));
        Set<String> names = rows.stream().map(LoginRow::label).collect(java.util.stream.Collectors.toSet());
        unresolved.retainAll(names);
    }

    /**
     * Refuses a node that would answer without passwords because its key is not the one that they are encrypted with.
     *
     * @throws CredentialKeyInvalidException naming the first database whose password does not open
     */
    public void checkKey(Collection<LoginRow> stored) {
        List<String> closed = stored.stream()
                .filter(row -> !Secret.isReference(row.credential()) && !opens(row))
                .map(LoginRow::label)
                .toList();
        if (!closed.isEmpty()) {
            throw new CredentialKeyInvalidException(
                    "The stored password of '" + closed.getFirst() + "'"
                            + (closed.size() == 1 ? "" : " (and of " + (closed.size() - 1) + " more)")
                            + (cipher == null
                                    ? " is encrypted, and this node has no key"
                                    : " was encrypted with another key than this node's, or for another address"),
                    null);
        }
    }

    private Secret open(LoginRow row) throws References.Refused, References.Unresolved, GeneralSecurityException {
        if (Secret.isReference(row.credential())) {
            return references.read(row.credential(), row.owner());
        }
        if (cipher == null || !row.credential().startsWith(CredentialCipher.PREFIX)) {
            throw new GeneralSecurityException("no key");
        }
        return Secret.of(cipher.open(place(row), row.credential()));
    }

    /**
     * Where a sealed password may be sent to; each part with its length, so that none can reach into the next. The owner's
     * has one part more: put into the application's place it does not open, not even where both have the same name.
     */
    private static String place(LoginRow row) {
        Endpoint at = row.at();
        List<String> parts = new ArrayList<>(List.of(
                row.database(), at.flavor().id(), at.host(), Integer.toString(at.port()), at.database(), at.user()));
        if (row.owner()) {
            parts.add("owner");
        }
        StringBuilder place = new StringBuilder();
        for (String part : parts) {
            place.append(part.length()).append(':').append(part);
        }
        return place.toString();
    }
}
