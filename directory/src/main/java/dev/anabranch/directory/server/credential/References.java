// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.credential;

import dev.anabranch.directory.server.DirectoryProperties;
import dev.anabranch.topology.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which references to passwords are followed: regular files beneath certain folders, and variables with a certain prefix.
 * The owners' are apart from the applications': who stores databases could otherwise have an owner's password told to every
 * application, by way of a database whose application's login refers to it.
 *
 * <p>Whoever may name a reference could otherwise have the directory's own secrets sent to applications, or have it wait
 * for a pipe that nobody writes to. The same rules hold when a reference is stored and each time that it is followed,
 * because a link can lead elsewhere by then. Thread-safe.
 */
final class References {
    private static final String ENV = "env:";
    private static final String FILE = "file:";
    private static final int LARGEST_BYTES = 8 * 1024;
    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    private static final String OWN_VARIABLES = "ANABRANCH_";
    private static final String DEFAULT_PREFIX = "ANABRANCH_DB_";
    private static final String OWNERS_PREFIX = "ANABRANCH_OWNER_";
    private static final String OWNERS_SETTINGS = "ANABRANCH_OWNER_CREDENTIAL_";

    private final List<Path> folders;
    private final List<Path> ownersFolders;
    private final String prefix;
    private final List<Path> ownFiles;
    private final @Nullable Secret metaPassword;

    /** The reference is none that is followed; the message says which ones are. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message, null, false, false);
        }
    }

    /** The reference may be followed, and leads nowhere. */
    static final class Unresolved extends Exception {
        private static final long serialVersionUID = 1L;

        Unresolved(String message) {
            super(message, null, false, false);
        }
    }

    References(DirectoryProperties properties) {
        String meta = properties.meta().password();
        this.folders = paths(properties.credential().folders());
        this.ownersFolders = paths(properties.owner().credential().folders());
        this.prefix = properties.credential().envPrefix();
        this.ownFiles = Stream.of(
                        properties.credentialKeyFile(),
                        properties.adminTokenFile(),
                        meta.startsWith(FILE) ? Path.of(meta.substring(FILE.length())) : null)
                .filter(Objects::nonNull)
                .toList();
        // A launcher may have read the file and hand over its content, so that no path tells that the file is ours.
        this.metaPassword = meta.isEmpty() || Secret.isReference(meta) ? null : Secret.of(meta);
    }

    private static List<Path> paths(List<String> folders) {
        return folders.stream()
                .filter(folder -> !folder.isBlank())
                .map(folder -> Path.of(folder.strip()).toAbsolutePath().normalize())
                .toList();
    }

    /**
     * Checks a reference that is to be stored; it may lead nowhere as yet.
     *
     * @param owner whether it is an owner's, and not an application's
     */
    void check(String reference, boolean owner) throws Refused {
        try {
            read(reference, owner);
        } catch (Unresolved e) {
            // It is looked at anew each time.
        }
    }

    /**
     * The password that the reference leads to.
     *
     * @param owner whether it is an owner's, and not an application's
     */
    Secret read(String reference, boolean owner) throws Refused, Unresolved {
        Secret secret = reference.startsWith(ENV)
                ? variable(reference.substring(ENV.length()), owner)
                : file(reference.substring(FILE.length()), owner);
        if (secret.equals(metaPassword)) {
            throw refused("The password refers to the directory's own password for its meta database", owner);
        }
        if (secret.reveal().isEmpty()) {
            throw new Unresolved("What it refers to is empty");
        }
        return secret;
    }

    private Secret variable(String name, boolean owner) throws Refused, Unresolved {
        boolean own = name.startsWith(OWN_VARIABLES) && !name.startsWith(DEFAULT_PREFIX);
        boolean allowed = owner
                ? name.startsWith(OWNERS_PREFIX) && !name.startsWith(OWNERS_SETTINGS)
                : !prefix.isBlank() && name.startsWith(prefix) && !own;
        if (!allowed || !VARIABLE.matcher(name).matches()) {
            throw refused("The password refers to a variable that is not for " + whose(owner), owner);
        }
        String value = System.getenv(name);
        if (value == null) {
            throw new Unresolved("The variable " + name + " is not set");
        }
        return Secret.of(value);
    }

    private Secret file(String name, boolean owner) throws Refused, Unresolved {
        Path path;
        try {
            path = Path.of(name);
        } catch (InvalidPathException e) {
            throw refused("The password refers to a file whose path is not valid", owner);
        }
        // Not with '..' either: where that leads depends on links that may not be there as yet.
        boolean plain = path.isAbsolute() && path.equals(path.normalize());
        if (!plain || !among(path, owner, folder -> folder)) {
            throw refused("The password refers to a file that is not for " + whose(owner), owner);
        }
        Path real;
        try {
            real = path.toRealPath();
        } catch (IOException e) {
            throw new Unresolved("The file " + path + " cannot be found (" + e.getClass().getSimpleName() + ")");
        }
        if (!among(real, owner, References::real) || own(real)) {
            throw refused("The password refers to a file that is not for " + whose(owner), owner);
        }
        // Asked for first: to open a pipe would wait for its writer.
        if (!Files.isRegularFile(real, LinkOption.NOFOLLOW_LINKS)) {
            throw refused("The password refers to something that is no regular file", owner);
        }
        return content(path, real, owner);
    }

    /** An owner's beneath the owners' folders; an application's beneath its own, and not where an owner's may be. */
    private boolean among(Path file, boolean owner, UnaryOperator<Path> as) {
        boolean owners = ownersFolders.stream().anyMatch(folder -> beneath(as.apply(folder), file));
        return owner ? owners : !owners && folders.stream().anyMatch(folder -> beneath(as.apply(folder), file));
    }

    private static String whose(boolean owner) {
        return owner ? "databases' owners" : "databases";
    }

    private Secret content(Path path, Path real, boolean owner) throws Refused, Unresolved {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(real, LinkOption.NOFOLLOW_LINKS)) {
            bytes = in.readNBytes(LARGEST_BYTES + 1);
        } catch (IOException e) {
            throw new Unresolved("The file " + path + " cannot be read (" + e.getClass().getSimpleName() + ")");
        }
        if (bytes.length > LARGEST_BYTES) {
            throw refused("The password refers to a file of more than 8 KB", owner);
        }
        String text = new String(bytes, StandardCharsets.UTF_8).stripTrailing();
        Arrays.fill(bytes, (byte) 0);
        return Secret.of(text);
    }

    private boolean own(Path real) {
        return ownFiles.stream().anyMatch(file -> {
            try {
                return Files.isSameFile(file, real);
            } catch (IOException e) {
                return false;
            }
        });
    }

    private static boolean beneath(Path folder, Path file) {
        return file.startsWith(folder) && !file.equals(folder);
    }

    private static Path real(Path folder) {
        try {
            return folder.toRealPath();
        } catch (IOException e) {
            return folder;
        }
    }

    private Refused refused(String what, boolean owner) {
        String begin = owner ? OWNERS_PREFIX : prefix;
        String variables = begin.isBlank() ? "none" : "env:" + begin + "…";
        String files = owner || ownersFolders.isEmpty()
                ? "beneath " + (owner ? ownersFolders : folders)
                : "beneath " + folders + " but not beneath the owners' " + ownersFolders;
        return new Refused(what + "; allowed are regular files of at most 8 KB " + files + " and the variables " + variables);
    }
}
