// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory;

import dev.anabranch.tenant.TenantId;
import dev.anabranch.topology.Secret;
import dev.anabranch.topology.Topology;
import dev.anabranch.topology.TopologyJson;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last topology on disk, from which an application starts while the directory is down.
 *
 * <p>The file is readable by its owner alone, and encrypted with AES-256-GCM under a key derived from the application's
 * token (HKDF-SHA-256): who cannot ask the directory cannot read the file either, and one that was tampered with is not
 * used. It is replaced atomically, so that several processes may share it. The passwords of owners who migrate are never
 * in it, whatever the token's role.
 */
public final class SnapshotFile {
    private static final Logger LOG = LoggerFactory.getLogger(SnapshotFile.class);
    private static final byte[] MAGIC = "anabranch-snapshot-1\n".getBytes(StandardCharsets.US_ASCII);
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    private final Path file;
    private final SecretKey key;
    private final SecureRandom random = new SecureRandom();

    /**
     * A file that only this token can read.
     *
     * @param file where it lies; missing folders are made
     * @param token the application's token
     */
    public SnapshotFile(Path file, Secret token) {
        this.file = file;
        try {
            byte[] secret = token.reveal().getBytes(StandardCharsets.UTF_8);
            this.key = KDF.getInstance("HKDF-SHA256")
                    .deriveKey(
                            "AES",
                            HKDFParameterSpec.ofExtract().addIKM(secret).thenExpand(MAGIC, 32));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This JDK lacks HKDF-SHA256, which every JDK 25 has", e);
        }
    }

    /** Where the file lies. */
    public Path path() {
        return file;
    }

    /**
     * What is saved.
     *
     * @param topology the topology
     * @param listed for each group that serves listed tenants alone, those that this application has met
     */
    record Snapshot(Topology topology, Map<String, Set<TenantId>> listed) {}

    /** What was saved last, if there is something and this token can read it. */
    Optional<Snapshot> load() {
        try {
            ByteBuffer content = ByteBuffer.wrap(Files.readAllBytes(file));
            byte[] magic = new byte[MAGIC.length];
            byte[] nonce = new byte[NONCE_BYTES];
            content.get(magic).get(nonce);
            byte[] sealed = new byte[content.remaining()];
            content.get(sealed);
            return Optional.of(decode(cipher(Cipher.DECRYPT_MODE, nonce).doFinal(sealed)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            LOG.warn("The snapshot {} is not used: {} (written with another token, or damaged)", file, e.toString());
            return Optional.empty();
        }
    }

    /** Saves the snapshot, and says whether that went well. A failure is logged and no more: it is a precaution. */
    boolean save(Snapshot snapshot) {
        try {
            Path folder = file.toAbsolutePath().getParent();
            if (folder == null) {
                throw new FileSystemException(file.toString(), null, "is no file");
            }
            Files.createDirectories(folder);
            byte[] nonce = new byte[NONCE_BYTES];
            random.nextBytes(nonce);
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, nonce).doFinal(encode(snapshot));
            Path fresh = createForOwnerAlone(folder);
            try {
                Files.write(
                        fresh,
                        ByteBuffer.allocate(MAGIC.length + NONCE_BYTES + sealed.length)
                                .put(MAGIC)
                                .put(nonce)
                                .put(sealed)
                                .array());
                Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(fresh);
            }
            return true;
        } catch (IOException | GeneralSecurityException e) {
            LOG.warn("The snapshot {} was not saved: {}", file, e.toString());
            return false;
        }
    }

    private static byte[] encode(Snapshot snapshot) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        // Who migrates asks the directory: an owner's password on disk would outlive the token that got it.
        byte[] topology = TopologyJson.write(snapshot.topology(), TopologyJson.Credentials.APPLICATION);
        out.writeInt(topology.length);
        out.write(topology);
        out.writeInt(snapshot.listed().size());
        for (Map.Entry<String, Set<TenantId>> group : snapshot.listed().entrySet()) {
            TenantId[] tenants = group.getValue().toArray(TenantId[]::new);
            out.writeUTF(group.getKey());
            out.writeInt(tenants.length);
            for (TenantId tenant : tenants) {
                out.writeUTF(tenant.value());
            }
        }
        return bytes.toByteArray();
    }

    private static Snapshot decode(byte[] plain) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(plain));
        Topology topology = TopologyJson.read(in.readNBytes(in.readInt()));
        Map<String, Set<TenantId>> listed = new HashMap<>();
        for (int groups = in.readInt(); groups > 0; groups--) {
            Set<TenantId> tenants = new HashSet<>();
            listed.put(in.readUTF(), tenants);
            for (int left = in.readInt(); left > 0; left--) {
                tenants.add(new TenantId(in.readUTF()));
            }
        }
        return new Snapshot(topology, listed);
    }

    private static Path createForOwnerAlone(Path folder) throws IOException {
        boolean posix = folder.getFileSystem().supportedFileAttributeViews().contains("posix");
        // Elsewhere the platform's own rule for temporary files holds, which is the owner alone too.
        return posix
                ? Files.createTempFile(
                        folder,
                        ".snapshot",
                        null,
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))
                : Files.createTempFile(folder, ".snapshot", null);
    }

    private Cipher cipher(int mode, byte[] nonce) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(MAGIC);
        return cipher;
    }
}
