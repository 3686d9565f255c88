// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.topology;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.anabranch.directory.server.problem.ProblemCode;
import dev.anabranch.directory.server.problem.ProblemException;
import dev.anabranch.directory.server.store.AudienceStore;
import dev.anabranch.directory.server.store.Change;
import dev.anabranch.directory.server.store.ChangeRequest;
import dev.anabranch.directory.server.store.Ledger;
import dev.anabranch.directory.server.store.Outcome;
import dev.anabranch.topology.Audience;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The audiences: those who ask, by name. One that a replica or a route names is there without being added. */
@Component
public class Audiences {
    private final Ledger ledger;
    private final AudienceStore store;

    Audiences(Ledger ledger, AudienceStore store) {
        this.ledger = ledger;
        this.store = store;
    }

    /**
     * What is given for an audience.
     *
     * @param readOnly whether they only read; no where it is absent
     */
    @Schema(name = "AudienceBody")
    public record Body(
            @Nullable
                    @JsonProperty("read_only")
                    @Schema(example = "true", description = "Whether they only read; absent: they write too")
                    Boolean readOnly) {}

    /**
     * An audience as it is told.
     *
     * @param name its name
     * @param readOnly whether they only read
     * @param replicas the replicas that are kept for it
     * @param groups the groups that have a route for it
     */
    @Schema(name = "Audience")
    public record View(
            @Schema(example = "internal") String name,
            @JsonProperty("read_only") @Schema(example = "true") boolean readOnly,
            @Schema(example = "[\"reports\"]", description = "The replicas that are kept for it") List<String> replicas,
            @Schema(example = "[]", description = "The groups that have a route for it") List<String> groups) {}

    /** All of them, by name. */
    public List<View> all() {
        return store.names().stream().map(this::view).toList();
    }

    /** The one of that name. */
    public View get(String name) {
        if (store.find(name).isEmpty() && store.uses(name).none()) {
            throw new ProblemException(ProblemCode.AUDIENCE_UNKNOWN, "There is no audience '" + name + "'");
        }
        return view(name);
    }

    /** Adds or replaces. */
    public Outcome put(String name, Body body, ChangeRequest request) {
        Audience after = new Audience(name, Boolean.TRUE.equals(body.readOnly()));
        return ledger.apply(request, () -> {
            Audience before = store.find(name).orElse(null);
            boolean changed = !after.equals(before);
            View was = before == null ? null : view(name);
            if (changed) {
                store.put(after);
            }
            return new Change(
                    before == null ? "audience.add" : "audience.change", name, was, view(name), List.of(), changed);
        });
    }

    /** Removes one that nothing names. */
    public Outcome delete(String name, ChangeRequest request) {
        return ledger.apply(request, () -> {
            AudienceStore.Uses uses = store.uses(name);
            if (!uses.none()) {
                throw new ProblemException(
                        ProblemCode.AUDIENCE_IN_USE,
                        "The audience '" + name + "' is named by the replicas " + uses.replicas()
                                + " and by routes of the groups " + uses.groups());
            }
            if (store.find(name).isEmpty()) {
                return new Change("audience.remove", name, null, null, List.of(), false);
            }
            View was = view(name);
            store.delete(name);
            return new Change("audience.remove", name, was, null, List.of(), true);
        });
    }

    private View view(String name) {
        AudienceStore.Uses uses = store.uses(name);
        boolean readOnly = store.find(name).map(Audience::readOnly).orElse(false);
        return new View(name, readOnly, uses.replicas(), uses.groups());
    }
}
