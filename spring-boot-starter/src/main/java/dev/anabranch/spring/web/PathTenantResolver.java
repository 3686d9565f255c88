// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.web;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import jakarta.servlet.http.HttpServletRequest;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.PathContainer;
import org.springframework.web.util.ServletRequestPathUtils;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/**
 * Takes the tenant from a variable of the path.
 *
 * <p>Patterns are matched by Spring MVC's own parser against the path as MVC parses it, so that no spelling of a path
 * means one tenant here and another in a controller.
 */
final class PathTenantResolver implements TenantResolver {
    private static final Pattern VARIABLE = Pattern.compile("\\{\\*?([A-Za-z_][A-Za-z0-9_]*)[:}]");

    private final List<PathPattern> patterns;
    private final String variable;

    /**
     * @throws AnabranchException {@link ErrorCode#CONFIGURATION_INVALID} where a pattern lacks the variable, or it is not
     *     clear which one is meant
     */
    PathTenantResolver(List<String> patterns, @Nullable String variable) {
        this.variable = variable == null ? onlyVariable(patterns) : variable;
        this.patterns = patterns.stream().map(PathTenantResolver::parse).toList();
        for (String pattern : patterns) {
            if (!variablesOf(pattern).contains(this.variable)) {
                throw invalid("The path pattern '" + pattern + "' has no variable {" + this.variable + "}");
            }
        }
    }

    /** The name of the variable that is the tenant's id. */
    String variable() {
        return variable;
    }

    @Override
    public Optional<String> resolve(HttpServletRequest request) {
        PathContainer path = pathOf(request);
        return patterns.stream()
                .map(pattern -> Optional.ofNullable(pattern.matchAndExtract(path)))
                .flatMap(Optional::stream)
                .map(match -> Optional.ofNullable(match.getUriVariables().get(variable)))
                .flatMap(Optional::stream)
                .findFirst();
    }

    @Override
    public String source() {
        return "the path";
    }

    @Override
    public String instruction() {
        return "Call a path of the form "
                + patterns.stream().map(PathPattern::getPatternString).collect(Collectors.joining(" or "));
    }

    /** The path within the application, parsed as Spring MVC parses it. */
    static PathContainer pathOf(HttpServletRequest request) {
        return ServletRequestPathUtils.parseAndCache(request).pathWithinApplication();
    }

    static PathPattern parse(String pattern) {
        return PathPatternParser.defaultInstance.parse(pattern);
    }

    private static String onlyVariable(List<String> patterns) {
        Set<String> all = patterns.stream()
                .flatMap(pattern -> variablesOf(pattern).stream())
                .collect(Collectors.toCollection(LinkedHashSet::new));
        if (all.size() != 1) {
            throw invalid("The path patterns " + patterns + " have the variables " + all + ", and not exactly one");
        }
        return all.iterator().next();
    }

    private static Set<String> variablesOf(String pattern) {
        return VARIABLE.matcher(pattern).results().map(match -> match.group(1)).collect(Collectors.toSet());
    }

    private static AnabranchException invalid(String problem) {
        return new AnabranchException(
                ErrorCode.CONFIGURATION_INVALID,
                problem,
                "Set anabranch.web.path-pattern, for example to /person/{customer}, and anabranch.web.path-variable to the"
                        + " name of the variable that is the tenant's id");
    }
}
