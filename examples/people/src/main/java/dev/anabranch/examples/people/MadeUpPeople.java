// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.people;

import dev.anabranch.examples.people.PersonController.NewPerson;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;
import net.datafaker.Faker;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** Makes people up. Safe for use by many threads. */
@Component
class MadeUpPeople {
    private final ReentrantLock lock = new ReentrantLock();
    private final Faker faker = new Faker(Locale.ENGLISH);

    /** A person of no customer in particular. */
    NewPerson next() {
        // Some microseconds; one faker, because its dictionaries are large.
        lock.lock();
        try {
            return new NewPerson(faker.name().fullName(), faker.address().fullAddress(), null);
        } finally {
            lock.unlock();
        }
    }

    /** Reads the dictionaries before the first request asks for them. */
    @EventListener(ApplicationReadyEvent.class)
    void warmUp() {
        Thread.ofVirtual().start(this::next);
    }
}
