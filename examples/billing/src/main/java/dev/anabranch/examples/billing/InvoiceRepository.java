// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.billing;

import java.util.Optional;
import org.springframework.data.jpa.repository.EntityGraph;
import org.springframework.data.jpa.repository.JpaRepository;

/** The table {@code invoice}, with its lines. */
interface InvoiceRepository extends JpaRepository<Invoice, Long> {
    @EntityGraph(attributePaths = {"lines", "subscription"})
    Optional<Invoice> findByNumber(String number);

    boolean existsByNumber(String number);
}
