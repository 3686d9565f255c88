// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.cli.terminal.CliFailure;
import dev.anabranch.cli.terminal.ExitCode;
import dev.anabranch.cli.terminal.Table;
import dev.anabranch.cli.terminal.Terminal;
import dev.anabranch.devcluster.DevClusterException;
import dev.anabranch.problem.AnabranchException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line {@code anabranch}. */
public final class Main {
    private Main() {}

    /** Runs one command and ends the JVM with its exit code. */
    public static void main(String[] arguments) {
        System.exit(run(Terminal.ofProcess(), arguments));
    }

    /** Runs one command, and tells its exit code. */
    public static int run(Terminal terminal, String... arguments) {
        var root = new RootCommand();
        var session = new Session(terminal, root.options);
        var line = new CommandLine(root)
                .addSubcommand(new CommandLine(new DemoCommand(session))
                        .addSubcommand(new DemoServicesCommand(session))
                        .addSubcommand(new DemoReviewsCommand(session)))
                .addSubcommand(new ServeCommand(session))
                .addSubcommand(new StatusCommand(session))
                .addSubcommand(new CommandLine(new DatabaseCommand(session)).addSubcommand(new ReplicaCommand(session)))
                .addSubcommand(new GroupCommand(session))
                .addSubcommand(new AudienceCommand(session))
                .addSubcommand(new TenantCommand(session))
                .addSubcommand(new TokenCommand(session))
                .addSubcommand(MigrateCommand.of(session))
                .addSubcommand(new ExplainCommand(session))
                .addSubcommand(new DevCommand(session))
                .addSubcommand(new VersionCommand(session));
        line.setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8));
        line.setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8));
        line.setColorScheme(Help.defaultColorScheme(terminal.colours() ? Help.Ansi.ON : Help.Ansi.OFF));
        line.setUsageHelpWidth(110);
        line.setUsageHelpLongOptionsMaxWidth(34);
        headings(line);
        line.setAbbreviatedOptionsAllowed(false);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setParameterExceptionHandler((e, given) -> refused(session, e, given));
        line.setExecutionExceptionHandler((e, command, parsed) -> failed(session, e));
        return line.execute(arguments);
    }

    private static void headings(CommandLine line) {
        line.getCommandSpec().usageMessage()
                .parameterListHeading("%nArguments:%n")
                .optionListHeading("%nOptions:%n")
                .commandListHeading("%nCommands:%n");
        line.getSubcommands().values().forEach(Main::headings);
    }

    private static int refused(Session session, ParameterException e, String[] given) {
        var terminal = session.terminal();
        var command = e.getCommandLine().getCommandSpec().qualifiedName();
        var problem = Table.printable(String.valueOf(e.getMessage())).replace("\\u000a", " ");
        terminal.say("anabranch: " + problem);
        if (e instanceof UnmatchedArgumentException unmatched) {
            var suggestions = unmatched.getSuggestions();
            if (!suggestions.isEmpty()) {
                terminal.say("Did you mean: " + String.join(", ", suggestions) + "?");
            }
        }
        var nextStep = "See '" + command + " --help'";
        terminal.say(nextStep + ".");
        // what was not understood may have hidden the option
        if (session.options().json || Arrays.asList(given).contains("--json")) {
            printJson(session, CliFailure.usage(problem, nextStep));
        }
        return ExitCode.USAGE.status();
    }

    private static int failed(Session session, Exception e) {
        var failure = failure(e);
        var terminal = session.terminal();
        terminal.say("anabranch: " + printable(failure.problem())
                + (failure.problem().matches("(?s).*[.:\\n]") ? "" : "."));
        if (!failure.nextStep().isEmpty()) {
            terminal.say(printable(failure.nextStep()) + ".");
        }
        if (session.options().json) {
            printJson(session, failure);
        }
        if (session.options().debug) {
            e.printStackTrace(terminal.err());
        }
        return failure.exitCode().status();
    }

    /** Line by line, as the end of a log has several. */
    private static String printable(String text) {
        return text.lines().map(Table::printable).collect(Collectors.joining("\n"));
    }

    private static void printJson(Session session, CliFailure failure) {
        var error = new LinkedHashMap<String, Object>();
        error.put("code", failure.code());
        error.put("detail", failure.problem());
        error.put("next_step", failure.nextStep());
        session.printJson(Map.of("error", error));
    }

    private static CliFailure failure(Exception e) {
        if (e instanceof CliFailure failure) {
            return failure;
        }
        var known = AnabranchException.in(e);
        if (known.isPresent()) {
            return CliFailure.failed(known.get().problem(), known.get().hint(), e);
        }
        if (e instanceof DevClusterException) {
            return CliFailure.failed(String.valueOf(e.getMessage()), "", e);
        }
        return CliFailure.failed(
                "Unexpected: " + e.getClass().getSimpleName() + (e.getMessage() == null ? "" : ": " + e.getMessage()),
                "Run it again with --debug, and report what it shows",
                e);
    }
}
