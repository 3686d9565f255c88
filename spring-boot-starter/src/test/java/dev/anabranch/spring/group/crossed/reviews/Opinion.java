// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.group.crossed.reviews;

import dev.anabranch.spring.group.crossed.catalog.Article;
import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import jakarta.persistence.Embedded;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.ManyToMany;
import jakarta.persistence.ManyToOne;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Points into another group in three ways. */
@Entity
public class Opinion {
    @Id
    @Nullable Long id;

    @Column(name = "customer_id")
    @Nullable String customer;

    @ManyToOne
    @Nullable Article article;

    @ManyToMany
    @Nullable Set<Article> others;

    @Embedded
    @Nullable Origin origin;

    /** A value within. */
    @Embeddable
    public static class Origin {
        @ManyToOne
        @Nullable Article seenAt;
    }
}
