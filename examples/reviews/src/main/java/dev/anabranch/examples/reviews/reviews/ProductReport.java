// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.reviews.reviews;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * What is said of a product, in figures.
 *
 * @param product its number
 * @param reviews how many are published
 * @param stars their mean
 */
record ProductReport(@JsonProperty("product_id") long product, long reviews, double stars) {}
