// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring;

import dev.anabranch.Anabranch;

/** What is done with the databases when the application starts, before anybody gets a data source. */
@FunctionalInterface
public interface PreparationAtStart {
    /**
     * Prepares what must be ready.
     *
     * @throws dev.anabranch.problem.AnabranchException where the application must not start
     */
    void prepare(Anabranch anabranch);
}
