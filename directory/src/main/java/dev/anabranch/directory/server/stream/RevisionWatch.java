// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.stream;

import dev.anabranch.directory.server.DirectoryProperties;
import dev.anabranch.directory.server.problem.ProblemCode;
import dev.anabranch.directory.server.problem.ProblemException;
import dev.anabranch.directory.server.store.Ledger;
import dev.anabranch.directory.server.topology.Snapshots;
import java.time.Duration;
import java.util.Set;
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
    private final Duration poll;
    private final Duration credentialPoll;
    private final Set<Subscription> subscribers = ConcurrentHashMap.newKeySet();
    private final BlockingQueue<Boolean> wake = new ArrayBlockingQueue<>(1);
    private final Object lock = new Object();
    private @Nullable Thread watcher;
    private volatile State state = new State(0, 0, 0);
    private volatile boolean running;

    /**
     * What subscribers are told of.
     *
     * @param revision the revision
     * @param credentialPrint stands for the credentials' content
     * @param epoch grows when a credential's content changes without a new revision
     */
    private record State(long revision, int credentialPrint, long epoch) {}

    RevisionWatch(Ledger ledger, Snapshots snapshots, DirectoryProperties properties) {
        this.ledger = ledger;
        this.snapshots = snapshots;
        this.poll = properties.stream().poll();
        this.credentialPoll = properties.stream().credentialPoll();
        ledger.onChange(() -> wake.offer(true));
    }

    /** One subscriber; belongs to one thread, and ends when it is closed. */
    public final class Subscription implements AutoCloseable {
        private final BlockingQueue<Boolean> news = new ArrayBlockingQueue<>(1);
        private long revision;
        private long epoch;

        private Subscription() {}

        /** The revision that was told last. */
        public long revision() {
            return revision;
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
                if (now.revision > revision || now.epoch != epoch) {
                    revision = Math.max(revision, now.revision);
                    epoch = now.epoch;
                    return true;
                }
                long left = deadline - System.nanoTime();
                if (left <= 0 || (news.poll(left, TimeUnit.NANOSECONDS) == null && !changed())) {
                    return false;
                }
            }
            return false;
        }

        private boolean changed() {
            State now = state;
            return now.revision > revision || now.epoch != epoch;
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
     * @throws ProblemException {@link ProblemCode#SHUTTING_DOWN}
     */
    public Subscription subscribe() {
        Subscription subscription = new Subscription();
        synchronized (lock) {
            if (!running) {
                throw new ProblemException(ProblemCode.SHUTTING_DOWN, "This node is going down");
            }
            if (watcher == null) {
                // Before anything is told, so that no content can change between the first look and the first word.
                state = new State(ledger.revision(), snapshots.credentialPrint(), state.epoch);
                watcher = Thread.ofVirtual().name("revision-watch").start(this::watch);
            }
            subscription.epoch = state.epoch;
            subscribers.add(subscription);
        }
        try {
            subscription.revision = ledger.revision();
        } catch (RuntimeException e) {
            subscription.close();
            throw e;
        }
        return subscription;
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
                long revision = ledger.revision();
                boolean due = System.nanoTime() >= credentialsDue;
                if (revision != state.revision || due) {
                    look(revision);
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

    private void look(long revision) {
        State before = state;
        int print = snapshots.credentialPrint();
        boolean sameRevision = revision == before.revision;
        boolean newContent = sameRevision && print != before.credentialPrint;
        if (newContent) {
            LOG.info("A credential has new content; subscribers are told at revision {}", revision);
        }
        if (newContent || !sameRevision) {
            state = new State(revision, print, newContent ? before.epoch + 1 : before.epoch);
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
        synchronized (lock) {
            running = false;
        }
        wake.offer(true);
        subscribers.forEach(subscription -> subscription.news.offer(true));
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
