// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.stream;

import dev.anabranch.directory.server.DirectoryProperties;
import dev.anabranch.directory.server.problem.ProblemCode;
import dev.anabranch.directory.server.problem.ProblemException;
import dev.anabranch.directory.server.store.Ledger;
import dev.anabranch.directory.server.store.Version;
import dev.anabranch.directory.server.topology.Snapshots;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Notices each new revision, whichever node has made it, and each new content of a credential.
 *
 * <p>One virtual thread asks the meta database while there are subscribers, and none does otherwise. A change made by
 * this node wakes it at once. Subscribers that are slow see the latest state and miss those between. Thread-safe.
 */
@Component
public class RevisionWatch implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(RevisionWatch.class);

    private final Ledger ledger;
    private final Snapshots snapshots;
    private final int perToken;
    private final int perNode;
    private final Duration poll;
    private final Duration credentialPoll;
    private final Set<Subscription> subscribers = ConcurrentHashMap.newKeySet();
    private final BlockingQueue<Boolean> wake = new ArrayBlockingQueue<>(1);
    private final Object lock = new Object();
    private @Nullable Thread watcher;
    private volatile State state = new State(new Version(0, new UUID(0, 0)), 0, 0);
    private volatile boolean running;

    /**
     * What subscribers are told of.
     *
     * @param version the revision with its stamp
     * @param credentialPrint stands for the credentials' content
     * @param epoch grows when a credential's content changes without a new revision
     */
    private record State(Version version, int credentialPrint, long epoch) {}

    RevisionWatch(Ledger ledger, Snapshots snapshots, DirectoryProperties properties) {
        this.ledger = ledger;
        this.snapshots = snapshots;
        this.perToken = properties.stream().perToken();
        this.perNode = properties.stream().perNode();
        this.poll = properties.stream().poll();
        this.credentialPoll = properties.stream().credentialPoll();
        ledger.onChange(() -> wake.offer(true));
    }

    /** One subscriber; belongs to one thread, and ends when it is closed. */
    public final class Subscription implements AutoCloseable {
        private final BlockingQueue<Boolean> news = new ArrayBlockingQueue<>(1);
        private final UUID token;
        private State told;

        private Subscription(UUID token, State told) {
            this.token = token;
            this.told = told;
        }

        /** The revision that was told last. */
        public long revision() {
            return told.version.revision();
        }

        /**
         * Waits until there is something to tell, or the time is over.
         *
         * @return whether there is something to tell
         */
        public boolean await(Duration atMost) throws InterruptedException {
            long deadline = System.nanoTime() + atMost.toNanos();
            while (running) {
                State now = state;
                if (differs(now)) {
                    told = now;
                    return true;
                }
                long left = deadline - System.nanoTime();
                if (left <= 0 || (news.poll(left, TimeUnit.NANOSECONDS) == null && !differs(state))) {
                    return false;
                }
            }
            return false;
        }

        /** Any other version is news: after a restore of the meta database it may be an earlier one. */
        private boolean differs(State now) {
            return !now.version.equals(told.version) || now.epoch != told.epoch;
        }

        @Override
        public void close() {
            subscribers.remove(this);
            wake.offer(true);
        }
    }

    /**
     * Subscribes from the revision that is committed now.
     *
     * @param token whose stream it is
     * @throws ProblemException {@link ProblemCode#SHUTTING_DOWN} or {@link ProblemCode#STREAMS_EXHAUSTED}
     */
    public Subscription subscribe(UUID token) {
        synchronized (lock) {
            if (!running) {
                throw new ProblemException(ProblemCode.SHUTTING_DOWN, "This node is going down");
            }
            if (subscribers.size() >= perNode) {
                throw new ProblemException(
                        ProblemCode.STREAMS_EXHAUSTED, "This node has " + perNode + " change streams open");
            }
            if (subscribers.stream().filter(known -> known.token.equals(token)).count() >= perToken) {
                throw new ProblemException(
                        ProblemCode.STREAMS_EXHAUSTED, "The token has " + perToken + " change streams open on this node");
            }
            // Before anything is told, so that no content can change between the first look and the first word.
            look(watcher == null);
            Subscription subscription = new Subscription(token, state);
            subscribers.add(subscription);
            if (watcher == null) {
                watcher = Thread.ofVirtual().name("revision-watch").start(this::watch);
            }
            return subscription;
        }
    }

    /** How many streams are open on this node. */
    public int subscribers() {
        return subscribers.size();
    }

    private void watch() {
        long credentialsDue = System.nanoTime() + credentialPoll.toNanos();
        boolean failing = false;
        while (goesOn()) {
            try {
                wake.poll(poll.toNanos(), TimeUnit.NANOSECONDS);
                boolean due = System.nanoTime() >= credentialsDue;
                synchronized (lock) {
                    look(due);
                }
                if (due) {
                    credentialsDue = System.nanoTime() + credentialPoll.toNanos();
                }
                if (failing) {
                    LOG.info("The meta database answers again");
                    failing = false;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException e) {
                if (!failing) {
                    LOG.warn("The meta database does not tell its revision ({})", e.getClass().getSimpleName());
                    failing = true;
                }
            }
        }
    }

    /** Under the lock, because of two that look at once the one with the older answer could come last. */
    private void look(boolean atCredentials) {
        State before = state;
        Version version = ledger.version();
        boolean sameVersion = version.equals(before.version);
        if (sameVersion && !atCredentials) {
            return;
        }
        int print = snapshots.credentialPrint();
        boolean newContent = sameVersion && print != before.credentialPrint;
        if (newContent) {
            LOG.info("A credential has new content; subscribers are told at revision {}", version.revision());
        }
        if (newContent || !sameVersion) {
            state = new State(version, print, newContent ? before.epoch + 1 : before.epoch);
            subscribers.forEach(subscription -> subscription.news.offer(true));
        }
    }

    private boolean goesOn() {
        synchronized (lock) {
            if (running && !subscribers.isEmpty()) {
                return true;
            }
            watcher = null;
            return false;
        }
    }

    @Override
    public void start() {
        running = true;
    }

    /** Ends all streams: this phase stops before the web server waits for its requests. */
    @Override
    public void stop() {
        // Without the lock, which may be held for as long as the meta database does not answer.
        running = false;
        wake.offer(true);
        subscribers.forEach(subscription -> subscription.news.offer(true));
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
