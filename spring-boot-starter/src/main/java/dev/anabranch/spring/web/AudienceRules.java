// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.web;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.spring.AnabranchProperties.Audience;
import dev.anabranch.spring.AnabranchProperties.AudienceRule;
import dev.anabranch.topology.Topology;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PatternParseException;

/** Finds the audience by rules of which the first that matches decides. Immutable. */
final class AudienceRules implements AudienceResolver {
    private final List<Checked> rules;
    private final Optional<String> usual;

    private AudienceRules(List<Checked> rules, Optional<String> usual) {
        this.rules = List.copyOf(rules);
        this.usual = usual;
    }

    /** A rule whose pattern has been parsed. */
    private record Checked(AudienceRule rule, @Nullable PathPattern path) {}

    /**
     * The rules as they are configured.
     *
     * @throws AnabranchException {@link ErrorCode#CONFIGURATION_INVALID} where a rule cannot be meant so, or names an audience
     *     that the topology does not have
     */
    static AudienceRules of(Audience configured, Topology topology) {
        List<Checked> checked = new ArrayList<>();
        for (int i = 0; i < configured.rules().size(); i++) {
            String place = "anabranch.web.audience.rules[" + i + "]";
            AudienceRule rule = configured.rules().get(i);
            check(place, rule);
            known(place, rule.audience(), topology);
            rule.allowed().forEach(audience -> known(place + ".allowed", audience, topology));
            checked.add(new Checked(rule, pattern(place, rule.path())));
        }
        known("anabranch.web.audience.default", configured.usual(), topology);
        return new AudienceRules(checked, Optional.ofNullable(configured.usual()));
    }

    @Override
    public Optional<String> resolve(HttpServletRequest request) {
        for (Checked checked : rules) {
            Optional<String> audience = match(checked, request);
            if (audience.isPresent()) {
                return audience;
            }
        }
        return usual;
    }

    private static Optional<String> match(Checked checked, HttpServletRequest request) {
        AudienceRule rule = checked.rule();
        if (checked.path() != null && !checked.path().matches(PathTenantResolver.pathOf(request))) {
            return Optional.empty();
        }
        if (rule.role() != null && !request.isUserInRole(rule.role())) {
            return Optional.empty();
        }
        if (rule.header() == null) {
            return Optional.ofNullable(rule.audience());
        }
        List<String> values = Collections.list(request.getHeaders(rule.header()));
        if (rule.value() != null) {
            return values.contains(rule.value()) ? Optional.ofNullable(rule.audience()) : Optional.empty();
        }
        if (values.isEmpty()) {
            return Optional.empty();
        }
        if (values.size() > 1 || !rule.allowed().contains(values.getFirst())) {
            throw new AnabranchException(
                    ErrorCode.AUDIENCE_UNKNOWN,
                    "The header " + rule.header() + " names no audience that may be asked for so",
                    "Send one of " + rule.allowed() + ", or no such header");
        }
        return Optional.of(values.getFirst());
    }

    private static void check(String place, AudienceRule rule) {
        if (rule.role() == null && rule.path() == null && rule.header() == null) {
            throw invalid(place + " names neither a role nor a path nor a header, and would match every request",
                    "Give it one of them, or say anabranch.web.audience.default");
        }
        if (rule.header() == null && (rule.value() != null || !rule.allowed().isEmpty())) {
            throw invalid(place + " has a value and no header", "Name the header");
        }
        boolean byHeader = rule.header() != null && rule.value() == null;
        if (byHeader && (rule.audience() != null || rule.allowed().isEmpty())) {
            throw invalid(
                    place + " takes the header " + rule.header() + ", which anybody can set, and does not say which values",
                    "Give the value that stands for the audience, or in place of both the audiences that are allowed");
        }
        if (!byHeader && (rule.audience() == null || !rule.allowed().isEmpty())) {
            throw invalid(place + " does not say one audience", "Give the audience; 'allowed' belongs to a header alone");
        }
    }

    private static void known(String place, @Nullable String audience, Topology topology) {
        if (audience != null && !topology.audiences().containsKey(audience)) {
            throw invalid(
                    place + " names the audience '" + audience + "', which the topology does not have",
                    "Use one of " + new TreeSet<>(topology.audiences().keySet()) + ", or add it to the topology's audiences");
        }
    }

    private static @Nullable PathPattern pattern(String place, @Nullable String path) {
        try {
            return path == null ? null : PathTenantResolver.parse(path);
        } catch (PatternParseException e) {
            throw invalid(
                    place + ".path is no pattern (" + Objects.requireNonNullElse(e.getMessage(), "") + ")",
                    "Write it as for Spring MVC, for example /public/**");
        }
    }

    private static AnabranchException invalid(String problem, String hint) {
        return new AnabranchException(ErrorCode.CONFIGURATION_INVALID, problem, hint);
    }
}
