// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.topology;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * A part of a YAML file that knows where it stands, so that an error names file, line and key.
 *
 * @param file the file's name for messages
 * @param key the path of keys that leads here, for example {@code groups.people.placement}
 * @param node the part itself
 */
record YamlNode(String file, String key, Node node) {

    /** The file's one document. */
    static YamlNode parse(String file, String text) {
        try {
            LoadSettings settings = LoadSettings.builder().setLabel(file).build();
            Node root = new Compose(settings)
                    .composeString(text)
                    .orElseThrow(() -> new AnabranchException(
                            ErrorCode.CONFIGURATION_INVALID, file + " is empty", "Write databases and groups into it"));
            return new YamlNode(file, "", root);
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(1);
            throw new AnabranchException(
                    ErrorCode.CONFIGURATION_INVALID,
                    file + ", line " + line + ": " + e.getProblem(),
                    "Mend the YAML there");
        } catch (YamlEngineException e) {
            throw new AnabranchException(
                    ErrorCode.CONFIGURATION_INVALID, file + " is no YAML: " + e.getMessage(), "Mend the file");
        }
    }

    /** The members of this mapping, none of them beside the allowed ones. */
    Map<String, YamlNode> members(Set<String> allowed) {
        Map<String, YamlNode> members = members();
        for (Map.Entry<String, YamlNode> member : members.entrySet()) {
            if (!allowed.contains(member.getKey())) {
                throw member.getValue().invalid("is no known key", "Use one of " + allowed.stream().sorted().toList());
            }
        }
        return members;
    }

    /** The members of this mapping, whatever they are called. */
    Map<String, YamlNode> members() {
        if (!(node instanceof MappingNode mapping)) {
            throw invalid("is no mapping", "Write key: value pairs");
        }
        Map<String, YamlNode> members = new LinkedHashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode name)) {
                throw invalid("has a key that is no plain text", "Write key: value pairs");
            }
            String path = key.isEmpty() ? name.getValue() : key + "." + name.getValue();
            YamlNode member = new YamlNode(file, path, tuple.getValueNode());
            if (members.put(name.getValue(), member) != null) {
                throw member.invalid("stands there twice", "Keep one of them");
            }
        }
        return members;
    }

    /** The items of this sequence. */
    List<YamlNode> items() {
        if (!(node instanceof SequenceNode sequence)) {
            throw invalid("is no list", "Write [a, b]");
        }
        List<YamlNode> items = new ArrayList<>();
        for (Node item : sequence.getValue()) {
            items.add(new YamlNode(file, key + "[" + items.size() + "]", item));
        }
        return items;
    }

    /** This text. */
    String text() {
        if (!(node instanceof ScalarNode scalar) || scalar.getValue().isEmpty() || scalar.getTag().equals(Tag.NULL)) {
            throw invalid("is no text", "Write a value after the colon");
        }
        return scalar.getValue();
    }

    /** What the reader makes of this text; its refusal is told with file, line and key. */
    <T> T as(Function<String, T> reader) {
        return check(() -> reader.apply(text()));
    }

    /** What the action gives; its refusal is told with file, line and key. */
    <T> T check(Supplier<T> action) {
        try {
            return action.get();
        } catch (AnabranchException e) {
            // One that has a place already is passed on.
            if (e.problem().startsWith(file + ", line ")) {
                throw e;
            }
            throw new AnabranchException(e.code(), place() + ": " + e.problem(), e.hint(), e.getCause());
        } catch (IllegalArgumentException e) {
            throw invalid("cannot be read (" + e.getClass().getSimpleName() + ")", "Compare it with the guide");
        }
    }

    /** The member of that name. */
    static YamlNode required(YamlNode of, Map<String, YamlNode> members, String name) {
        YamlNode member = members.get(name);
        if (member == null) {
            throw of.invalid("lacks the key '" + name + "'", "Add it");
        }
        return member;
    }

    /** The text of the member of that name, if it is there. */
    static Optional<String> optional(Map<String, YamlNode> members, String name) {
        return Optional.ofNullable(members.get(name)).map(YamlNode::text);
    }

    AnabranchException invalid(String problem, String hint) {
        return new AnabranchException(ErrorCode.CONFIGURATION_INVALID, place() + " " + problem, hint);
    }

    private String place() {
        int line = node.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
        return file + ", line " + line + ", " + (key.isEmpty() ? "the whole file" : "key '" + key + "'");
    }
}
