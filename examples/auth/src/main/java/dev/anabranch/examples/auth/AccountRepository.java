// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.auth;

import java.util.Optional;
import org.springframework.data.jpa.repository.JpaRepository;

/** The table {@code account}. */
interface AccountRepository extends JpaRepository<Account, Long> {
    Optional<Account> findByEmail(String email);

    boolean existsByEmail(String email);
}
