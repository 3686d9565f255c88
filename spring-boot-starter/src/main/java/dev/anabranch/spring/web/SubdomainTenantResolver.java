// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.web;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Takes the tenant from the one label before a domain: {@code acme} from {@code acme.example.com}. */
final class SubdomainTenantResolver implements TenantResolver {
    private final String suffix;

    /**
     * @throws AnabranchException {@link ErrorCode#CONFIGURATION_INVALID} without a domain
     */
    SubdomainTenantResolver(@Nullable String domain) {
        if (domain == null || domain.isBlank()) {
            throw new AnabranchException(
                    ErrorCode.CONFIGURATION_INVALID,
                    "The tenant is to come from the subdomain, and no domain is given",
                    "Set anabranch.web.domain, for example to example.com");
        }
        this.suffix = "." + domain.toLowerCase(Locale.ROOT);
    }

    @Override
    public Optional<String> resolve(HttpServletRequest request) {
        String host = request.getServerName().toLowerCase(Locale.ROOT);
        if (!host.endsWith(suffix)) {
            return Optional.empty();
        }
        String label = host.substring(0, host.length() - suffix.length());
        return label.isEmpty() || label.contains(".") ? Optional.empty() : Optional.of(label);
    }

    @Override
    public String source() {
        return "the host";
    }

    @Override
    public String instruction() {
        return "Call the tenant's own host, <tenant>" + suffix;
    }
}
