// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.run;

import dev.anabranch.operations.migration.apply.Target;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells one after the other, and does not let a listener's failure end a migration. */
final class SerialListener implements RunListener {
    private static final Logger LOG = LoggerFactory.getLogger(SerialListener.class);

    private final RunListener listener;
    private final ReentrantLock turn = new ReentrantLock();

    SerialListener(RunListener listener) {
        this.listener = listener;
    }

    @Override
    public void changed(Target target, TargetState state, RunProgress progress) {
        turn.lock();
        try {
            listener.changed(target, state, progress);
        } catch (RuntimeException e) {
            LOG.warn("A listener failed at {} being {}", target, state.id(), e);
        } finally {
            turn.unlock();
        }
    }
}
