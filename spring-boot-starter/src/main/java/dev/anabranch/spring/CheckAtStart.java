// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring;

import dev.anabranch.Anabranch;

/** What is looked at when the application starts, before any database is touched. Called once, in the order of the beans. */
@FunctionalInterface
public interface CheckAtStart {
    /**
     * Looks whether the application fits its topology.
     *
     * @throws dev.anabranch.problem.AnabranchException where the application must not start
     */
    void check(Anabranch anabranch);
}
