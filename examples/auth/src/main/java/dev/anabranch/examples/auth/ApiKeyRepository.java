// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.auth;

import java.util.List;
import java.util.Optional;
import org.springframework.data.jpa.repository.JpaRepository;

/** The table {@code api_key}. */
interface ApiKeyRepository extends JpaRepository<ApiKey, Long> {
    List<ApiKey> findByAccountIdOrderById(long account);

    Optional<ApiKey> findByIdAndAccountId(long id, long account);

    boolean existsByAccountIdAndName(long account, String name);
}
