// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.auth;

import java.time.Instant;
import java.util.Optional;
import org.springframework.data.jpa.repository.EntityGraph;
import org.springframework.data.jpa.repository.JpaRepository;

/** The table {@code login_session}. */
interface LoginSessionRepository extends JpaRepository<LoginSession, Long> {
    @EntityGraph(attributePaths = "account")
    Optional<LoginSession> findByTokenHashAndExpiresAtAfter(byte[] tokenHash, Instant now);
}
