// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.web;

import java.util.concurrent.atomic.LongAdder;

/** How often tokens went wrong since the start. */
public final class ConsistencyCounts {
    private final LongAdder forged = new LongAdder();
    private final LongAdder late = new LongAdder();

    /** Requests whose cookie was no token of this deployment; they were answered by primaries. */
    public long forged() {
        return forged.sum();
    }

    /** Answers that were on their way before the request's last write: their callers were not told of it. */
    public long late() {
        return late.sum();
    }

    void countForged() {
        forged.increment();
    }

    void countLate() {
        late.increment();
    }
}
