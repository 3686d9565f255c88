// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.web;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Takes the tenant from a header. */
final class HeaderTenantResolver implements TenantResolver {
    private final String header;

    HeaderTenantResolver(String header) {
        this.header = header;
    }

    @Override
    public Optional<String> resolve(HttpServletRequest request) {
        Set<String> values = new TreeSet<>(Collections.list(request.getHeaders(header)));
        if (values.size() > 1) {
            throw new AnabranchException(
                    ErrorCode.TENANT_INVALID,
                    "The header " + header + " is there " + values.size() + " times with different values",
                    "Send it once");
        }
        return values.stream().findFirst().map(HeaderTenantResolver::decode);
    }

    @Override
    public String instruction() {
        return "Send the tenant's id in the header " + header;
    }

    @Override
    public String source() {
        return "the header " + header;
    }

    /**
     * The value as its sender wrote it. Servlet containers hand out header bytes as ISO-8859-1, and clients send UTF-8;
     * what is no UTF-8 is taken as it stands.
     */
    static String decode(String value) {
        boolean ascii = true;
        for (int i = 0; i < value.length(); i++) {
            if (value.charAt(i) > 0xFF) {
                return value;
            }
            ascii &= value.charAt(i) < 0x80;
        }
        if (ascii) {
            return value;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(value.getBytes(StandardCharsets.ISO_8859_1)))
                    .toString();
        } catch (CharacterCodingException e) {
            return value;
        }
    }
}
