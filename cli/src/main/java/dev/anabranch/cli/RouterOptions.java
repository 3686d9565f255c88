// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.cli.terminal.CliFailure;
import dev.anabranch.routing.RouterChain;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceConfigurationError;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** An application's routers, without the application. */
final class RouterOptions {
    @Option(
            names = "--routers",
            paramLabel = "JAR",
            description = "A jar or folder with an application's DatabaseRouters, as META-INF/services names them. Repeatable.")
    List<Path> jars = new ArrayList<>();

    private @Nullable RouterChain chain;

    /** The routers in their order; loaded once. Their classes are there until this process ends. */
    RouterChain chain() {
        if (chain == null) {
            chain = jars.isEmpty() ? RouterChain.NONE : loaded();
        }
        return chain;
    }

    private RouterChain loaded() {
        List<URL> urls = new ArrayList<>();
        for (var jar : jars) {
            if (!Files.exists(jar)) {
                throw CliFailure.usage("There is no " + jar, "Give --routers a jar, or a folder of classes");
            }
            try {
                urls.add(jar.toUri().toURL());
            } catch (MalformedURLException e) {
                throw CliFailure.usage("The path " + jar + " cannot be used", "Give --routers another one");
            }
        }
        try {
            // not closed: a router may need another class at any time
            var found = RouterChain.loaded(
                    new URLClassLoader(urls.toArray(URL[]::new), RouterChain.class.getClassLoader()));
            if (found.routers().isEmpty()) {
                throw CliFailure.usage(
                        "There is no router in " + jars,
                        "Name it in META-INF/services/dev.anabranch.routing.DatabaseRouter; one that is a bean alone is asked by"
                                + " 'anabranch explain --application URL'");
            }
            return found;
        } catch (ServiceConfigurationError | LinkageError e) {
            throw CliFailure.failed(
                    "A router in " + jars + " cannot be loaded (" + e.getMessage() + ")",
                    "Give the jars that it needs too, each with --routers",
                    e);
        }
    }
}
