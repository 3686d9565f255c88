// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.people;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.anabranch.tenant.TenantContext;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Page;
import org.springframework.data.domain.PageRequest;
import org.springframework.data.domain.Sort;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Saves and lists the people of a customer. */
@RestController
@RequestMapping("/person/{customer}")
class PersonController {
    /** The most people on a page. */
    static final int MOST = 100;

    private final PersonRepository people;
    private final MadeUpPeople madeUp;

    PersonController(PersonRepository people, MadeUpPeople madeUp) {
        this.people = people;
        this.madeUp = madeUp;
    }

    @Operation(summary = "Save a person: the one in the body, or a made-up one where there is no body")
    @PostMapping
    @ResponseStatus(HttpStatus.CREATED)
    PersonJson save(
            @Parameter(description = "The customer") @PathVariable String customer,
            @Valid @RequestBody(required = false) @Nullable NewPerson body) {
        NewPerson person = body == null ? madeUp.next() : body;
        String customerId = person.customerId() == null
                ? TenantContext.require().value()
                : person.customerId().asString("");
        return PersonJson.of(people.save(new Person(person.name(), person.address(), customerId)));
    }

    @Operation(summary = "List a customer's people, page by page, in the order they were saved")
    @GetMapping
    PageJson list(
            @Parameter(description = "The customer") @PathVariable String customer,
            @Parameter(description = "From 0") @RequestParam(defaultValue = "0") @Min(0) @Max(1_000_000) int page,
            @Parameter(description = "People on a page; above 100 is taken as 100")
                    @RequestParam(defaultValue = "20")
                    @Min(1)
                    int size) {
        PageRequest wanted = PageRequest.of(page, Math.min(size, MOST), Sort.by("id"));
        return PageJson.of(people.findByCustomerId(TenantContext.require().value(), wanted));
    }

    /**
     * A person to save.
     *
     * @param customerId null where the body says nothing of it; where it says null, that is an empty one
     */
    record NewPerson(
            @NotBlank @Size(max = 200) String name,
            @NotBlank @Size(max = 500) String address,
            @Schema(type = "string", description = "The path's customer, where it is left out")
                    @JsonProperty("customer_id")
                    @Nullable JsonNode customerId) {}

    /** A person that was saved. */
    record PersonJson(
            @Nullable Long id, String name, String address, @JsonProperty("customer_id") String customerId) {
        static PersonJson of(Person person) {
            return new PersonJson(person.id(), person.name(), person.address(), person.customerId());
        }
    }

    /** A page of people, and how many there are in all. */
    record PageJson(int page, int size, long total, List<PersonJson> people) {
        static PageJson of(Page<Person> page) {
            return new PageJson(
                    page.getNumber(),
                    page.getSize(),
                    page.getTotalElements(),
                    page.map(PersonJson::of).getContent());
        }
    }
}
