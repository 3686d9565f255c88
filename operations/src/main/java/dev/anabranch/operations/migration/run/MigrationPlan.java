// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.run;

import dev.anabranch.operations.migration.apply.Target;
import dev.anabranch.operations.migration.files.MigrationFile;
import dev.anabranch.operations.migration.files.MigrationSet;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/**
 * Which files shall be applied where and in which order: frozen. The same files, targets and options give the same id, however
 * far the targets are, so that a run that broke off goes on under its id. Immutable.
 *
 * @param id 12 hexadecimal digits, from all that the plan says
 * @param group the group's name
 * @param set the files
 * @param waves the targets; those of one wave are migrated at once, and the first wave is the canary
 * @param options limits, and when to stop
 * @param routed what routers have said of the places, otherwise than the topology
 */
public record MigrationPlan(
        String id,
        String group,
        MigrationSet set,
        List<List<Target>> waves,
        RunOptions options,
        List<MigrationPlaces.Answer> routed) {
    private static final int ID_LENGTH = 12;

    /** Copies the lists. */
    public MigrationPlan {
        routed = List.copyOf(routed);
        waves = waves.stream().map(List::copyOf).toList();
    }

    /**
     * Plans the migration of one group's schemas.
     *
     * @throws AnabranchException {@link ErrorCode#CONFIGURATION_INVALID} without a target, with one twice or of several
     *     groups, or where the canary is none of them
     */
    public static MigrationPlan of(MigrationSet set, List<Target> targets, RunOptions options) {
        return of(set, new MigrationPlaces(targets, List.of()), options);
    }

    /** As {@link #of(MigrationSet, List, RunOptions)}, for the places that routers leave. */
    public static MigrationPlan of(MigrationSet set, MigrationPlaces places, RunOptions options) {
        List<Target> targets = places.targets();
        if (targets.isEmpty()) {
            throw invalid("There is no database to migrate", "Give the group a database");
        }
        String group = targets.getFirst().group();
        Set<String> names = new HashSet<>();
        for (Target target : targets) {
            if (!target.group().equals(group)) {
                throw invalid("A plan cannot be for both " + group + " and " + target.group(), "Make a plan for each group");
            }
            if (!names.add(target.database().name())) {
                throw invalid("The database " + target.database().name() + " is in the plan twice", "Give it once");
            }
        }
        List<List<Target>> waves = waves(targets, options);
        return new MigrationPlan(id(group, set, waves, options), group, set, waves, options, places.answers());
    }

    /** All targets, the canary first. */
    public List<Target> targets() {
        return waves.stream().flatMap(List::stream).toList();
    }

    private static List<List<Target>> waves(List<Target> targets, RunOptions options) {
        List<Target> left = new ArrayList<>(targets);
        Target canary = left.getFirst();
        String named = options.canary();
        if (named != null) {
            canary = left.stream()
                    .filter(target -> target.database().name().equals(named))
                    .findFirst()
                    .orElseThrow(() -> invalid(
                            "The canary " + named + " is none of the databases to migrate", "Name one of them"));
        }
        left.remove(canary);
        List<List<Target>> waves = new ArrayList<>(List.of(List.of(canary)));
        for (String size : options.waves()) {
            int count = size.endsWith("%")
                    ? (int) Math.ceil(targets.size() * Integer.parseInt(size.substring(0, size.length() - 1)) / 100.0)
                    : Integer.parseInt(size);
            List<Target> wave = left.subList(0, Math.min(count, left.size()));
            if (!wave.isEmpty()) {
                waves.add(List.copyOf(wave));
                wave.clear();
            }
        }
        if (!left.isEmpty()) {
            waves.add(left);
        }
        return waves;
    }

    private static String id(String group, MigrationSet set, List<List<Target>> waves, RunOptions options) {
        var text = new StringBuilder("group " + group + "\n");
        for (MigrationFile file : set.files()) {
            text.append("file ").append(file.fileName()).append(' ').append(file.checksum()).append('\n');
        }
        for (List<Target> wave : waves) {
            text.append("wave\n");
            for (Target target : wave) {
                text.append("target ")
                        .append(target.database().name())
                        .append(' ')
                        .append(target.database().primary().address())
                        .append(' ')
                        .append(target.schema())
                        .append('\n');
            }
        }
        text.append("stop ").append(options.onError()).append(' ').append(options.maxFailures());
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash).substring(0, ID_LENGTH);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    private static AnabranchException invalid(String problem, String hint) {
        return new AnabranchException(ErrorCode.CONFIGURATION_INVALID, problem, hint);
    }
}
