// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.security;

import dev.anabranch.directory.server.store.Change;
import dev.anabranch.directory.server.store.ChangeRequest;
import dev.anabranch.directory.server.store.Ledger;
import dev.anabranch.directory.server.store.Role;
import dev.anabranch.directory.server.store.TokenRow;
import dev.anabranch.directory.server.store.TokenStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * The first admin token. Where there is none, one is made and written to a file that only its owner reads; where the
 * file is there already, the token in it is accepted.
 */
@Component
public class AdminTokenFile {
    private static final Logger LOG = LoggerFactory.getLogger(AdminTokenFile.class);
    private static final int LEAST_LENGTH = 32;
    private static final boolean POSIX =
            FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    private static final Set<PosixFilePermission> OTHERS = Set.copyOf(PosixFilePermissions.fromString("---rwxrwx"));

    private final Ledger ledger;
    private final TokenStore store;

    AdminTokenFile(Ledger ledger, TokenStore store) {
        this.ledger = ledger;
        this.store = store;
    }

    /** The file cannot be used, and the node does not start. The message does not quote it. */
    public static final class Unusable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Unusable(String message) {
            super(message);
        }
    }

    /**
     * Makes or imports the token. Two nodes may do so at once: the revision's lock puts them in order.
     *
     * @throws Unusable where the file cannot be read or written, or holds no token
     */
    public void ensure(Path file) {
        ledger.apply(ChangeRequest.ofNode("first admin token"), () -> {
            if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                return imported(file);
            }
            if (store.liveAdmins() > 0) {
                return new Change("token.create", "admin", null, null, List.of(), false);
            }
            String secret = TokenSecret.random();
            write(file, secret);
            LOG.info("The first admin token was written to {}", file);
            return added(secret);
        });
    }

    private Change imported(Path file) {
        String secret = read(file);
        Optional<TokenRow> known = store.bySecret(TokenSecret.sha256(secret));
        if (known.isPresent()) {
            if (!known.get().live()) {
                LOG.warn("The token in {} was revoked, and stays so", file);
            } else if (!known.get().role().equals(Role.ADMIN.id())) {
                LOG.warn("The token in {} has the role {} and may not administer", file, known.get().role());
            }
            return new Change("token.create", "admin", null, null, List.of(), false);
        }
        LOG.info("The token in {} is accepted as an admin's", file);
        return added(secret);
    }

    private Change added(String secret) {
        TokenRow row = store.add("admin", Role.ADMIN, TokenSecret.sha256(secret), null, "directory");
        return new Change("token.create", "admin", null, row, List.of(), true);
    }

    private static String read(Path file) {
        String secret;
        try {
            if (Files.isSymbolicLink(file)) {
                throw new Unusable("The admin token's file " + file + " is a symbolic link");
            }
            if (POSIX && Files.getPosixFilePermissions(file).stream().anyMatch(OTHERS::contains)) {
                throw new Unusable("The admin token's file " + file
                        + " is open to others than its owner; run 'chmod 600' on it");
            }
            secret = Files.readString(file).strip();
        } catch (IOException e) {
            throw new Unusable("The admin token's file " + file + " cannot be read (" + e.getClass().getSimpleName() + ")");
        }
        if (secret.length() < LEAST_LENGTH || secret.chars().anyMatch(c -> c <= ' ' || c > '~')) {
            throw new Unusable("The admin token's file " + file + " holds no token of at least " + LEAST_LENGTH
                    + " printable characters without white space; remove it, and one is made");
        }
        return secret;
    }

    private static FileAttribute<?>[] ownerOnly(String permissions) {
        return POSIX
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }

    private static void write(Path file, String secret) {
        Path folder = file.toAbsolutePath().getParent();
        try {
            if (folder != null) {
                Files.createDirectories(folder, ownerOnly("rwx------"));
            }
            try (SeekableByteChannel channel = Files.newByteChannel(
                    file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), ownerOnly("rw-------"))) {
                channel.write(ByteBuffer.wrap((secret + "\n").getBytes(StandardCharsets.UTF_8)));
            }
        } catch (IOException e) {
            throw new Unusable("The admin token's file " + file + " cannot be written (" + e.getClass().getSimpleName() + ")");
        }
    }
}
