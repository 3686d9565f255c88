// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.group.crossed.catalog;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import org.jspecify.annotations.Nullable;

/** What an opinion points to. */
@Entity
public class Article {
    @Id
    @Nullable Long id;
}
