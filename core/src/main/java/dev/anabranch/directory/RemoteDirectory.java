// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.tenant.TenantId;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.Secret;
import dev.anabranch.topology.Topology;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory service as an application sees it: a snapshot in memory, kept up to date by the change stream.
 *
 * <p>The service may go away at any time: what is known goes on being served, and the stream is taken up again within 5 s
 * of its return. An application that starts meanwhile uses the last snapshot on disk.
 */
public final class RemoteDirectory implements Directory {
    private static final Logger LOG = LoggerFactory.getLogger(RemoteDirectory.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    /** After an answer that did not come, tenants that were never met are refused at once for so long. */
    private static final Duration LOOKUP_PAUSE = Duration.ofSeconds(1);
    /** How often a change stream that stays silent is doubted. */
    private static final Duration POLL = Duration.ofSeconds(30);

    private final DirectoryClient client;
    private final @Nullable SnapshotFile file;
    private final ListedTenants listed = new ListedTenants();
    private final List<Consumer<Topology>> listeners = new CopyOnWriteArrayList<>();
    private final ReentrantLock pulling = new ReentrantLock();
    private final Thread follower;
    private final Thread keeper;

    private volatile Topology topology;
    private volatile boolean fromCache;
    private volatile @Nullable String etag;
    private volatile boolean unsaved;
    private volatile boolean saved = true;
    private volatile boolean silent;
    private volatile long silentSinceNanos;
    private volatile boolean closed;

    /**
     * Takes the first snapshot, from the service or else from the file, and begins to follow changes.
     *
     * @param endpoint the service's address, for example {@code http://localhost:8400}
     * @param token a token of the role {@code app}, or {@code migrator} where the application migrates its schema itself
     * @param groups the groups that the application uses
     * @param file the last snapshot on disk, or null to keep none
     * @throws AnabranchException {@link ErrorCode#DIRECTORY_UNAVAILABLE} where neither answers, or
     *     {@link ErrorCode#DIRECTORY_REFUSED} where the service refuses the token or lacks a group
     */
    public RemoteDirectory(URI endpoint, Secret token, List<String> groups, @Nullable SnapshotFile file) {
        this.client = new DirectoryClient(endpoint, token, groups);
        this.file = file;
        this.topology = first();
        this.follower = Thread.ofVirtual().name("anabranch-directory-follower").start(this::follow);
        this.keeper = Thread.ofVirtual().name("anabranch-directory-keeper").start(this::keep);
    }

    private Topology first() {
        try {
            DirectoryClient.Answer answer = client.snapshot(null).orElseThrow(() -> new IOException("no snapshot"));
            etag = answer.etag();
            if (answer.withheld()) {
                // Enough to explain a route; a file without passwords would only take the place of a good one.
                LOG.warn(
                        "The directory {} gives this token no passwords: an application needs one of the role app",
                        client.endpoint());
                return answer.topology();
            }
            unsaved = true;
            Optional<SnapshotFile.Snapshot> saved = load();
            return saved.map(snapshot -> answer.topology().withSecretsOf(snapshot.topology())).orElse(answer.topology());
        } catch (IOException e) {
            Optional<SnapshotFile.Snapshot> saved = load();
            SnapshotFile.Snapshot snapshot = saved.orElseThrow(() -> new AnabranchException(
                    ErrorCode.DIRECTORY_UNAVAILABLE,
                    "The directory " + client.endpoint() + " cannot be reached (" + e.getMessage() + "), and "
                            + (file == null ? "no snapshot file is configured" : "there is no snapshot in " + file.path()),
                    "Start the directory, or check SHARDING_API_ENDPOINT",
                    e));
            LOG.warn(
                    "The directory {} cannot be reached ({}): serving revision {} from its snapshot on disk",
                    client.endpoint(),
                    e.getMessage(),
                    snapshot.topology().revision());
            listed.restore(snapshot.listed(), System.nanoTime());
            fromCache = true;
            return snapshot.topology();
        }
    }

    private Optional<SnapshotFile.Snapshot> load() {
        return file == null ? Optional.empty() : file.load();
    }

    @Override
    public Topology topology() {
        return topology;
    }

    @Override
    public boolean isFromCache() {
        return fromCache;
    }

    @Override
    public void requireListed(String group, TenantId tenant) {
        Topology now = topology;
        if (!(now.group(group) instanceof Group.Sharded sharded)
                || sharded.tenants() == Group.Tenants.ANY
                || sharded.pinned().containsKey(tenant)) {
            return;
        }
        long nanos = System.nanoTime();
        boolean isListed = switch (listed.of(group, tenant, nanos)) {
            case YES -> true;
            case OLD -> {
                // Served meanwhile: whether it still is listed is asked beside the request.
                listed.askedNow(group, tenant, nanos);
                Thread.ofVirtual().name("anabranch-directory-asker").start(() -> askAgain(group, tenant));
                yield true;
            }
            case NO -> false;
            case NONE -> ask(group, tenant);
        };
        if (!isListed) {
            throw ListedTenants.refusal(group, tenant, now.revision());
        }
    }

    /** Asks for a tenant that was never met, while its request waits. */
    private boolean ask(String group, TenantId tenant) {
        long silentFor = System.nanoTime() - silentSinceNanos;
        if (silent && silentFor < LOOKUP_PAUSE.toNanos()) {
            throw cannotAsk(tenant, new IOException("it did not answer just now"));
        }
        try {
            boolean answer = client.isListed(group, tenant);
            silent = false;
            if (listed.put(group, tenant, answer, System.nanoTime())) {
                unsaved = true;
            }
            return answer;
        } catch (IOException e) {
            silentSinceNanos = System.nanoTime();
            silent = true;
            throw cannotAsk(tenant, e);
        }
    }

    private void askAgain(String group, TenantId tenant) {
        try {
            ask(group, tenant);
        } catch (RuntimeException e) {
            LOG.debug("Tenant '{}' is served as it was listed before: {}", tenant, e.getMessage());
        }
    }

    private AnabranchException cannotAsk(TenantId tenant, IOException cause) {
        return new AnabranchException(
                ErrorCode.DIRECTORY_UNAVAILABLE,
                "The directory " + client.endpoint() + " cannot be asked whether it lists tenant '" + tenant + "' ("
                        + cause.getMessage() + ")",
                "Try again shortly; tenants met before are served meanwhile",
                cause);
    }

    @Override
    public void onChange(Consumer<Topology> listener) {
        listeners.add(listener);
    }

    /** Asks for the snapshot now; nothing happens where it is still the same. */
    void pull() throws IOException {
        pulling.lock();
        try {
            Optional<DirectoryClient.Answer> answer = client.snapshot(etag);
            fromCache = false;
            if (answer.isEmpty()) {
                return;
            }
            Topology fresh = answer.get().topology().withSecretsOf(topology);
            etag = answer.get().etag();
            unsaved = !answer.get().withheld();
            if (fresh.revision() < topology.revision()) {
                LOG.warn(
                        "The directory {} went back from revision {} to {}: was its meta database restored?",
                        client.endpoint(),
                        topology.revision(),
                        fresh.revision());
            }
            topology = fresh;
            listed.forgetUnlisted();
            for (Consumer<Topology> listener : listeners) {
                try {
                    listener.accept(fresh);
                } catch (RuntimeException e) {
                    LOG.error("A listener failed at revision {}", fresh.revision(), e);
                }
            }
        } finally {
            pulling.unlock();
        }
    }

    private void follow() {
        Duration pause = FIRST_PAUSE;
        while (!closed) {
            long began = System.nanoTime();
            try {
                client.follow(this::pullFromStream, () -> closed);
            } catch (IOException | RuntimeException e) {
                if (!closed) {
                    LOG.warn(
                            "The change stream of {} broke ({}): serving revision {} meanwhile",
                            client.endpoint(),
                            e.getMessage(),
                            topology.revision());
                }
            }
            // A stream that lived for a while was sound: begin again at once.
            boolean wasSound = System.nanoTime() - began > LONGEST_PAUSE.toNanos();
            pause = wasSound ? FIRST_PAUSE : min(pause.multipliedBy(2), LONGEST_PAUSE);
            if (!rest(jittered(pause))) {
                return;
            }
        }
    }

    private void pullFromStream() {
        try {
            pull();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Saves what is new, and doubts a silent stream now and then. */
    private void keep() {
        long polled = System.nanoTime();
        while (true) {
            saveIfNew();
            if (closed || !rest(Duration.ofMillis(200))) {
                return;
            }
            if (System.nanoTime() - polled > POLL.toNanos()) {
                polled = System.nanoTime();
                unsaved = unsaved || !saved;
                try {
                    pull();
                } catch (IOException | RuntimeException e) {
                    LOG.debug("The directory {} did not answer a poll: {}", client.endpoint(), e.getMessage());
                }
            }
        }
    }

    private synchronized void saveIfNew() {
        if (unsaved && file != null) {
            unsaved = false;
            saved = file.save(new SnapshotFile.Snapshot(topology, listed.byGroup()));
        }
    }

    private boolean rest(Duration pause) {
        try {
            Thread.sleep(pause);
            return !closed;
        } catch (InterruptedException e) {
            return false;
        }
    }

    private static Duration jittered(Duration pause) {
        return Duration.ofMillis((long) (pause.toMillis() * (0.5 + ThreadLocalRandom.current().nextDouble())));
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    @Override
    public void close() {
        closed = true;
        follower.interrupt();
        keeper.interrupt();
        saveIfNew();
    }
}
