// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.billing;

import java.util.List;
import java.util.Optional;
import org.springframework.data.jpa.repository.JpaRepository;

/** The table {@code plan}. */
interface PlanRepository extends JpaRepository<Plan, Long> {
    Optional<Plan> findByCode(String code);

    boolean existsByCode(String code);

    List<Plan> findAllByOrderByCode();
}
