// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.desired;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.jar.JarFile;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * The settings of Hibernate's that an application of Spring Boot has in its {@code application.properties} or
 * {@code application.yaml} and that decide what its tables look like: naming strategies and {@code spring.jpa.properties}.
 * Profiles, and values that refer to others, are not looked at.
 */
final class SpringSettings {
    private static final String PROPERTIES = "spring.jpa.properties.";
    private static final Map<String, String> NAMED = Map.of(
            "spring.jpa.hibernate.naming.physical-strategy", "hibernate.physical_naming_strategy",
            "spring.jpa.hibernate.naming.implicit-strategy", "hibernate.implicit_naming_strategy",
            "spring.jpa.database-platform", "hibernate.dialect");

    private SpringSettings() {}

    static Map<String, String> of(List<Path> own) {
        Map<String, String> all = new TreeMap<>();
        // Boot's order: what a file of properties says goes before the same in YAML.
        for (String file : List.of("application.yml", "application.yaml", "application.properties")) {
            for (Path path : own) {
                String text = text(path, file);
                if (text != null) {
                    read(path, file, text, all);
                }
            }
        }
        Map<String, String> settings = new TreeMap<>();
        all.forEach((key, value) -> {
            if (value.contains("${")) {
                return;
            }
            if (NAMED.containsKey(key)) {
                settings.put(NAMED.get(key), value);
            } else if (key.startsWith(PROPERTIES)) {
                settings.put(key.substring(PROPERTIES.length()), value);
            }
        });
        return settings;
    }

    private static @Nullable String text(Path path, String name) {
        try {
            if (Files.isDirectory(path)) {
                Path file = path.resolve(name);
                return Files.isRegularFile(file) ? Files.readString(file) : null;
            }
            try (var jar = new JarFile(path.toFile())) {
                var entry = jar.getEntry(name);
                return entry == null ? null : new String(jar.getInputStream(entry).readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            }
        } catch (IOException e) {
            throw unreadable(path, name, e);
        }
    }

    private static void read(Path path, String name, String text, Map<String, String> into) {
        try {
            if (name.endsWith(".properties")) {
                Properties properties = new Properties();
                try (Reader reader = new java.io.StringReader(text)) {
                    properties.load(reader);
                }
                properties.stringPropertyNames().forEach(key -> into.put(key, properties.getProperty(key)));
                return;
            }
            for (Object document : new Load(LoadSettings.builder().build()).loadAllFromString(text)) {
                Map<String, String> flat = new TreeMap<>();
                flatten("", document, flat);
                if (!flat.containsKey("spring.config.activate.on-profile")) {
                    into.putAll(flat);
                }
            }
        } catch (IOException | IllegalArgumentException | YamlEngineException e) {
            throw unreadable(path, name, e);
        }
    }

    private static void flatten(String prefix, @Nullable Object node, Map<String, String> into) {
        if (node instanceof Map<?, ?> map) {
            map.forEach((key, value) -> flatten(prefix.isEmpty() ? String.valueOf(key) : prefix + "." + key, value, into));
        } else if (node != null && !(node instanceof List<?>)) {
            into.put(prefix, node.toString());
        }
    }

    private static AnabranchException unreadable(Path path, String name, Exception cause) {
        return new AnabranchException(
                ErrorCode.CONFIGURATION_INVALID,
                name + " in " + path + " cannot be read (" + cause.getMessage() + ")",
                "Correct it; the application cannot read it either",
                cause);
    }
}
