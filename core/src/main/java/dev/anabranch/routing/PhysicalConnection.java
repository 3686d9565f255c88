// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import dev.anabranch.topology.Database;
import dev.anabranch.topology.Flavor;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A driver's connection that holds a permit of the budget until it is closed. It stands beneath the pool. */
final class PhysicalConnection extends DelegatingConnection {
    private final Connection driver;
    private final int generation;
    private final Consumer<PhysicalConnection> closed;
    private @Nullable String schema;
    private boolean refusesWrites;
    private final AtomicBoolean permitHeld = new AtomicBoolean(true);

    /**
     * @param driver the driver's connection
     * @param generation which address and credentials it was made with
     * @param closed called once, after the connection is gone
     */
    PhysicalConnection(Connection driver, int generation, Consumer<PhysicalConnection> closed) {
        this.driver = driver;
        this.generation = generation;
        this.closed = closed;
    }

    /**
     * Sets the schema whose names need no prefix, unless it is set: a connection may serve several groups, one after the
     * other. One round trip where it changes, none where it does not.
     */
    void useSchema(@Nullable String name, Database database) throws SQLException {
        if (isIn(name)) {
            return;
        }
        switch (database.flavor()) {
            case POSTGRES -> {
                // With public after it, where extensions are: without their operators citext would compare as text does.
                String sql = name == null ? "RESET search_path" : "SET search_path TO " + name + ", public";
                try (Statement statement = driver.createStatement()) {
                    statement.execute(sql);
                }
            }
            case MYSQL, MARIADB -> driver.setCatalog(name == null ? database.primary().database() : name);
        }
        schema = name;
    }

    /** Whether that is the schema set. */
    boolean isIn(@Nullable String name) {
        return Objects.equals(name, schema);
    }

    /**
     * Has the server refuse writes in every transaction to come, or refuse them no longer. One round trip where it changes,
     * none where it does not: readers that follow each other pay nothing, and neither do writers.
     *
     * <p>In a transaction {@link #setReadOnly} is enough, and costs nothing; the drivers of MariaDB and MySQL set the session
     * by that. PostgreSQL's does nothing in auto-commit mode.
     */
    void refuseWrites(boolean on, Flavor flavor) throws SQLException {
        if (on == refusesWrites || flavor != Flavor.POSTGRES) {
            return;
        }
        try (Statement statement = driver.createStatement()) {
            statement.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ " + (on ? "ONLY" : "WRITE"));
        }
        refusesWrites = on;
    }

    /** Has the server take writes again, where it was told to refuse them. */
    void allowWrites() throws SQLException {
        refuseWrites(false, Flavor.POSTGRES);
    }

    int generation() {
        return generation;
    }

    @Override
    Connection target() {
        return driver;
    }

    @Override
    public void close() throws SQLException {
        try {
            driver.close();
        } finally {
            giveBack();
        }
    }

    @Override
    public void abort(Executor executor) throws SQLException {
        try {
            // At once and here: the permit goes back only when the connection is gone.
            driver.abort(Runnable::run);
        } finally {
            giveBack();
        }
    }

    private void giveBack() {
        if (permitHeld.compareAndSet(true, false)) {
            closed.accept(this);
        }
    }
}
