// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.desired;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.hibernate.boot.Metadata;
import org.hibernate.boot.MetadataSources;
import org.hibernate.boot.registry.StandardServiceRegistry;
import org.hibernate.boot.registry.StandardServiceRegistryBuilder;
import org.hibernate.tool.schema.spi.SchemaManagementToolCoordinator;

/**
 * Writes the SQL that makes the tables of JPA entities: the program of the child JVM that has the application's class path,
 * and so the application's own Hibernate. It is the only class of Anabranch there, so it uses nothing but Hibernate and the JDK.
 */
final class EntityExport {
    /** Prefix of the properties that become Hibernate's settings. */
    static final String SETTING = "setting.";
    /** Prefix of the properties that name a class; the value is empty. */
    static final String TYPE = "class.";
    /** Prefix of the properties that name a package with annotations; the value is empty. */
    static final String PACKAGE = "package.";
    /** Where the script goes. */
    static final String TARGET = "target";

    private EntityExport() {}

    /**
     * Exports.
     *
     * @param args the file of properties
     * @throws IOException where a file cannot be read or written
     */
    public static void main(String[] args) throws IOException {
        Properties request = new Properties();
        try (Reader reader = Files.newBufferedReader(Path.of(args[0]))) {
            request.load(reader);
        }
        Map<String, Object> settings = springDefaults();
        for (String key : request.stringPropertyNames()) {
            if (key.startsWith(SETTING)) {
                settings.put(key.substring(SETTING.length()), request.getProperty(key));
            }
        }
        // Nothing asks the database for what it is: it is told above, and there is no connection.
        settings.put("hibernate.boot.allow_jdbc_metadata_access", "false");
        settings.put("hibernate.temp.use_jdbc_metadata_defaults", "false");
        settings.put("hibernate.hbm2ddl.auto", "none");
        settings.put("jakarta.persistence.schema-generation.database.action", "none");
        settings.put("jakarta.persistence.schema-generation.scripts.action", "create");
        settings.put("hibernate.hbm2ddl.skip_default_import_file", "true");
        settings.put("hibernate.hbm2ddl.delimiter", ";");
        settings.put("hibernate.format_sql", "false");
        try (Writer script = Files.newBufferedWriter(Path.of(request.getProperty(TARGET)))) {
            settings.put("jakarta.persistence.schema-generation.scripts.create-target", script);
            export(request, settings);
        }
    }

    private static void export(Properties request, Map<String, Object> settings) {
        StandardServiceRegistry registry =
                new StandardServiceRegistryBuilder().applySettings(settings).build();
        try {
            MetadataSources sources = new MetadataSources(registry);
            // In order, so that Hibernate's own order of tables is the same each time.
            for (String key : request.stringPropertyNames().stream().sorted().toList()) {
                if (key.startsWith(TYPE)) {
                    sources.addAnnotatedClassName(key.substring(TYPE.length()));
                } else if (key.startsWith(PACKAGE)) {
                    sources.addPackage(key.substring(PACKAGE.length()));
                }
            }
            if (EntityExport.class.getClassLoader().getResource("META-INF/orm.xml") != null) {
                sources.addResource("META-INF/orm.xml");
            }
            Metadata metadata = sources.buildMetadata();
            SchemaManagementToolCoordinator.process(metadata, registry, settings, null);
        } finally {
            StandardServiceRegistryBuilder.destroy(registry);
        }
    }

    /** What Spring Boot sets where the application does not; nothing where the application has no Spring Boot. */
    private static Map<String, Object> springDefaults() {
        Map<String, Object> settings = new HashMap<>();
        if (!exists("org.springframework.boot.SpringApplication")) {
            return settings;
        }
        // The newer name first: Boot 4, Boot 3; Hibernate 7, Hibernate 6.
        first(
                settings,
                "hibernate.implicit_naming_strategy",
                "org.springframework.boot.hibernate.SpringImplicitNamingStrategy",
                "org.springframework.boot.orm.jpa.hibernate.SpringImplicitNamingStrategy");
        first(
                settings,
                "hibernate.physical_naming_strategy",
                "org.hibernate.boot.model.naming.PhysicalNamingStrategySnakeCaseImpl",
                "org.hibernate.boot.model.naming.CamelCaseToUnderscoresNamingStrategy");
        return settings;
    }

    private static void first(Map<String, Object> settings, String key, String... classes) {
        for (String name : classes) {
            if (exists(name)) {
                settings.put(key, name);
                return;
            }
        }
    }

    private static boolean exists(String name) {
        return EntityExport.class.getClassLoader().getResource(name.replace('.', '/') + ".class") != null;
    }
}
