// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.apply;

import org.flywaydb.core.api.logging.Log;
import org.flywaydb.core.api.logging.LogCreator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes on at debug level what Flyway has to say: what matters of it, errors above all, is told by this program in its own
 * words. Flyway makes it by its name, and therefore it is public.
 */
public final class FlywayLog implements LogCreator {
    private static final Logger LOG = LoggerFactory.getLogger(FlywayLog.class);

    /** For Flyway. */
    public FlywayLog() {}

    @Override
    public Log createLogger(Class<?> type) {
        return new Quiet();
    }

    private static final class Quiet implements Log {
        @Override
        public void debug(String message) {
            LOG.trace(message);
        }

        @Override
        public void info(String message) {
            LOG.debug(message);
        }

        @Override
        public void warn(String message) {
            LOG.debug(message);
        }

        @Override
        public void error(String message) {
            LOG.debug(message);
        }

        @Override
        public void error(String message, Exception e) {
            LOG.debug(message, e);
        }

        @Override
        public void notice(String message) {
            LOG.debug(message);
        }
    }
}
