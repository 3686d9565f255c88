// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.consistency;

import dev.anabranch.consistency.ServerChoice.Why;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Replica;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

import static dev.anabranch.consistency.Cluster.TWO;
import static dev.anabranch.consistency.Cluster.any;
import static dev.anabranch.consistency.Cluster.needs;
import static dev.anabranch.consistency.ReplicaChooserTest.until;
import static org.assertj.core.api.Assertions.assertThat;

class PromotionTest {
    private static final Duration SOON = Duration.ofSeconds(10);

    @Test
    void promotedStandbyIsNoReplicaAndMarksOfTheTimelineBeforeGoToThePrimary() throws SQLException {
        try (Cluster cluster = new Cluster()) {
            cluster.main.execute("postgres", "grant pg_read_all_stats to shop");
            Database before = cluster.database();
            try (ReplicaMonitor monitor =
                    new ReplicaMonitor(ReplicaSettings.DEFAULT, Cluster::connect, Cluster.topology(before))) {
                ReplicaChooser chooser = new ReplicaChooser(monitor);
                until("both in rotation", SOON, () -> in(chooser, before) == 2);
                Cluster.write(cluster.main, "insert into item values (1)");
                Mark old = monitor.markNow("main");
                until("visible", SOON, () -> !chooser.choose(before, needs(old)).isPrimary());
                cluster.one.awaitCaughtUp(SOON);
                cluster.two.awaitCaughtUp(SOON);

                cluster.main.kill();
                // The primary's samples from before say that both have all; only what they lack needs it.
                assertThat(chooser.choose(before, needs(old)).isPrimary()).isFalse();
                cluster.one.promote();
                until("out", SOON, () -> in(chooser, before) == 1);
                assertThat(chooser.status(before).getFirst().reason()).isEqualTo("it is no standby: it takes writes of its own");

                // What the directory says now; the other standby does not follow it yet.
                Database after = Cluster.database(cluster.one, new Replica(TWO, Cluster.endpoint(cluster.two)));
                monitor.update(Cluster.topology(after));
                until("out", SOON, () -> String.valueOf(chooser.status(after).getFirst().reason()).contains("timeline"));
                assertThat(chooser.status(after).getFirst().reason())
                        .startsWith("it follows timeline 1, and its primary is on 2");
                assertThat(chooser.choose(after, any()).why()).isEqualTo(Why.NONE_IN_ROTATION);

                cluster.two.follow(cluster.one);
                Cluster.write(cluster.one, "insert into item values (2)");
                Mark fresh = monitor.markNow("main");
                assertThat(fresh.timeline()).isNotEqualTo(old.timeline());
                until("visible", SOON, () -> chooser.choose(after, needs(fresh)).server().equals(TWO));
                assertThat(Cluster.highest(chooser.choose(after, needs(fresh)).endpoint())).isEqualTo(2);
                // By how much the two clocks differ, nobody knows.
                assertThat(chooser.choose(after, needs(new Mark(old.timeline(), fresh.micros()))).why())
                        .isEqualTo(Why.NONE_NEW_ENOUGH);
            }
        }
    }

    private static long in(ReplicaChooser chooser, Database database) {
        return chooser.status(database).stream().filter(ReplicaStatus::inRotation).count();
    }
}
