// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring;

import dev.anabranch.routing.RoutingDataSource;
import java.sql.SQLException;
import java.util.Map;
import java.util.TreeSet;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says so where an application has data sources and none of them routes by tenant. */
final class UnroutedDataSources {
    private static final Logger LOG = LoggerFactory.getLogger(UnroutedDataSources.class);

    private UnroutedDataSources() {}

    /** Warns of these data sources, by their beans' names, unless one of them routes. */
    static void warn(Map<String, DataSource> dataSources) {
        if (!dataSources.isEmpty() && dataSources.values().stream().noneMatch(UnroutedDataSources::routes)) {
            LOG.warn(
                    "The application has a DataSource of its own, {}, so that no statement is routed by tenant. Take that"
                            + " bean and spring.datasource out to get the one that routes, or make yours with"
                            + " Anabranch.dataSource(group); where this is meant, set anabranch.enabled=false.",
                    new TreeSet<>(dataSources.keySet()));
        }
    }

    private static boolean routes(DataSource dataSource) {
        try {
            return dataSource instanceof RoutingDataSource || dataSource.isWrapperFor(RoutingDataSource.class);
        } catch (SQLException e) {
            return false;
        }
    }
}
