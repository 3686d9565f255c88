// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.reviews.reviews;

import java.util.List;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Query;

/** The table {@code review}. */
interface ReviewRepository extends JpaRepository<Review, Long> {
    List<Review> findTop100ByProductIdAndStatusOrderByIdDesc(long product, Status status);

    List<Review> findTop100ByStatusOrderById(Status status);

    /** How many reviews of each product there are, and their stars. */
    @Query("select new dev.anabranch.examples.reviews.reviews.ProductReport(r.productId, count(r), avg(r.stars))"
            + " from Review r where r.status = Status.PUBLISHED group by r.productId order by r.productId")
    List<ProductReport> report();
}
