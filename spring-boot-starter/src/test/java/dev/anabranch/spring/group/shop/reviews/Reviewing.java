// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.group.shop.reviews;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** What an application does with reviews. */
@Service
public class Reviewing {
    private final Reviews reviews;
    private final JdbcClient jdbc;

    /** The client is the group's. */
    public Reviewing(Reviews reviews, @Qualifier("reviews") JdbcClient jdbc) {
        this.reviews = reviews;
        this.jdbc = jdbc;
    }

    /** One transaction of the group's, whose manager nobody has named. */
    @Transactional
    public void add(String customer, String text, boolean fail) {
        reviews.saveAndFlush(new Review(customer, text));
        jdbc.sql("insert into review (customer_id, text) values (?, ?)").params(customer, text).update();
        if (fail) {
            throw new IllegalStateException("failed on purpose");
        }
    }

    /** How many there are. */
    @Transactional(readOnly = true)
    public long count() {
        return reviews.count();
    }

    /** What the server says of the transaction. */
    @Transactional(readOnly = true)
    public String readOnlyByJdbc() {
        return jdbc.sql("show transaction_read_only").query(String.class).single();
    }
}
