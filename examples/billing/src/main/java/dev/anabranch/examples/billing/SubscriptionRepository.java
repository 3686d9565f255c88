// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.billing;

import java.util.List;
import java.util.Optional;
import org.springframework.data.jpa.repository.EntityGraph;
import org.springframework.data.jpa.repository.JpaRepository;

/** The table {@code subscription}. */
interface SubscriptionRepository extends JpaRepository<Subscription, Long> {
    @EntityGraph(attributePaths = "plan")
    Optional<Subscription> findWithPlanById(long id);

    @EntityGraph(attributePaths = "plan")
    List<Subscription> findByAccountIdOrderById(long account);
}
