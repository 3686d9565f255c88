// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.store;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one change does, without credentials.
 *
 * @param action for example {@code tenant.pin}
 * @param subject what is changed, for example {@code people/42}
 * @param before what was there, or null
 * @param after what will be there, or null
 * @param effects what it means beyond that, one sentence each
 * @param changed whether anything differs at all
 */
public record Change(
        String action,
        String subject,
        @Nullable Object before,
        @Nullable Object after,
        List<String> effects,
        boolean changed) {}
