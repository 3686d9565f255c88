// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.group.shop.catalog;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** What an application does with products. */
@Service
public class Catalog {
    private final Products products;
    private final JdbcClient jdbc;

    /** The client is the primary group's: none is named. */
    public Catalog(Products products, JdbcClient jdbc) {
        this.products = products;
        this.jdbc = jdbc;
    }

    /** Both ways of writing are one transaction. */
    @Transactional
    public void add(String name, boolean fail) {
        products.saveAndFlush(new Product(name));
        jdbc.sql("insert into product (id, name) values (nextval('product_seq') + 1000, ?)").param(name).update();
        if (fail) {
            throw new IllegalStateException("failed on purpose");
        }
    }

    /** One, in the repository's own transaction. */
    public void addOne(String name) {
        products.save(new Product(name));
    }

    /** How many there are of a name. */
    @Transactional(readOnly = true)
    public int count(String name) {
        return products.findByName(name).size();
    }

    /** What the server says of the transaction. */
    @Transactional(readOnly = true)
    public String readOnlyByJpa() {
        products.findByName("nothing");
        return jdbc.sql("show transaction_read_only").query(String.class).single();
    }
}
