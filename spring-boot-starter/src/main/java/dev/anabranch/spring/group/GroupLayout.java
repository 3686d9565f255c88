// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.group;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.spring.AnabranchProperties;
import dev.anabranch.spring.AnabranchProperties.GroupProperties;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;

/**
 * Which packages belong to which group. Immutable.
 *
 * @param packages the packages of each group; the primary group comes first
 */
record GroupLayout(Map<String, List<String>> packages) {

    /** Checks that each group has packages, and that no class can belong to two groups. */
    GroupLayout {
        Map<String, List<String>> copy = new LinkedHashMap<>();
        packages.forEach((group, names) -> {
            List<String> stripped = names.stream().map(String::strip).filter(name -> !name.isEmpty()).distinct().toList();
            if (stripped.isEmpty()) {
                throw invalid(
                        "The group '" + group + "' has no packages (anabranch.groups." + group + ".packages)",
                        "Name the packages of its entities and repositories, or take the group out of anabranch.groups");
            }
            copy.put(group, stripped);
        });
        copy.forEach((group, names) -> copy.forEach((other, others) -> {
            if (!group.equals(other)) {
                names.forEach(name -> refuseShared(group, name, other, others));
            }
        }));
        packages = Collections.unmodifiableMap(copy);
    }

    /** What the properties say. */
    static GroupLayout of(Environment environment) {
        Map<String, GroupProperties> bound = Binder.get(environment)
                .bind("anabranch.groups", Bindable.mapOf(String.class, GroupProperties.class))
                .orElse(Map.of());
        List<String> ordered =
                AnabranchProperties.primaryFirst(environment.getProperty("anabranch.group"), bound.keySet());
        Map<String, List<String>> packages = new LinkedHashMap<>();
        for (String group : ordered) {
            GroupProperties properties = bound.get(group);
            packages.put(group, properties == null ? List.of() : properties.packages());
        }
        return new GroupLayout(packages);
    }

    /** All groups, the primary one first. */
    List<String> groups() {
        return List.copyOf(packages.keySet());
    }

    /** The group that is meant where none is named. */
    String primary() {
        return packages.keySet().iterator().next();
    }

    /** The packages of a group. */
    List<String> packagesOf(String group) {
        return packages.getOrDefault(group, List.of());
    }

    /** The group whose packages hold the class. */
    Optional<String> groupOf(Class<?> type) {
        String name = type.getName();
        return packages.entrySet().stream()
                .filter(group -> group.getValue().stream().anyMatch(one -> holds(one, name)))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    private static boolean holds(String parent, String name) {
        return name.equals(parent) || name.startsWith(parent + ".");
    }

    private static void refuseShared(String group, String name, String other, List<String> others) {
        for (String one : new ArrayList<>(others)) {
            if (holds(one, name)) {
                throw invalid(
                        "The package " + name + " belongs to the group '" + group + "' and, as " + one + ", to the group '"
                                + other + "' (anabranch.groups)",
                        "Give each package to one group, and none that lies within another group's");
            }
        }
    }

    private static AnabranchException invalid(String problem, String hint) {
        return new AnabranchException(ErrorCode.CONFIGURATION_INVALID, problem, hint);
    }
}
