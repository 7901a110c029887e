// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.crd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.resource.ResourceError;
import dev.culvert.policy.resource.ResourceFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.ScalarEvent;

/**
 * Holds daemonset/crds true to the types. After a change of the types, {@code
 * CULVERT_WRITE_DOCS=true} writes the files anew.
 */
class CustomResourceTest {
  private static final Path FOLDER = Path.of("../daemonset/crds");
  private static final String STRANGE = "qqqqqqqqqqqqqqqqqqqq";

  static Stream<CustomResource> resources() {
    return CustomResource.all().stream();
  }

  @ParameterizedTest
  @MethodSource("resources")
  void committedFileSaysWhatTheTypesSay(CustomResource resource) throws IOException {
    Path file = FOLDER.resolve(resource.name() + ".yaml");
    String yaml =
        "# Written by CustomResourceTest from the types in policy-api; do not edit.\n"
            + resource.yaml();
    if ("true".equals(System.getenv("CULVERT_WRITE_DOCS"))) {
      Files.writeString(file, yaml);
    }
    assertThat(file).content().isEqualTo(yaml);
  }

  @ParameterizedTest
  @MethodSource("resources")
  void schemaIsStructural(CustomResource resource) {
    assertThat(StructuralRules.violations(resource.schema())).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("resources")
  void kubectlTakesNoTextForAFlag(CustomResource resource) {
    assertThat(new Parse(LoadSettings.builder().build()).parseString(resource.yaml()))
        .filteredOn(event -> event instanceof ScalarEvent scalar && scalar.isPlain())
        .extracting(event -> ((ScalarEvent) event).getValue())
        .isNotEmpty()
        .noneMatch(word -> QuotedWords.FLAG.matcher(word).matches() && !word.equals("true"));
  }

  /** Else whoever writes it would have to know that it wants quotes. */
  @ParameterizedTest
  @MethodSource("resources")
  void nothingThatPeopleWriteIsAFlagToKubectl(CustomResource resource) {
    List<String> words = new ArrayList<>();
    words(child(child(resource.schema(), "properties"), "spec"), words);
    assertThat(words).isNotEmpty().noneMatch(word -> QuotedWords.FLAG.matcher(word).matches());
  }

  private static void words(Map<String, Object> schema, List<String> words) {
    words.addAll(child(schema, "properties").keySet());
    if (schema.get("enum") instanceof List<?> choices) {
      choices.forEach(choice -> words.add((String) choice));
    }
    child(schema, "properties").values().forEach(field -> words(map(field), words));
    for (String part : List.of("items", "additionalProperties")) {
      if (schema.containsKey(part)) {
        words(child(schema, part), words);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("resources")
  void readerKnowsEveryFieldOfTheSchema(CustomResource resource) {
    assertThat(errors(document(resource, false)))
        .noneMatch(error -> error.contains("unknown field"));
  }

  /** The reader names the fields it knows to who writes one that it does not. */
  @ParameterizedTest
  @MethodSource("resources")
  void schemaHasEveryFieldThatTheReaderKnows(CustomResource resource) {
    List<String> known =
        errors(document(resource, true)).stream()
            .filter(error -> error.contains("unknown field"))
            .map(error -> error.substring(error.indexOf("known here: ") + "known here: ".length()))
            .toList();
    List<Set<String>> objects = new ArrayList<>();
    collect(resource.schema(), "", objects);
    assertThat(known).hasSameSizeAs(objects);
    assertThat(known.stream().map(line -> Set.of(line.split(", "))))
        .containsExactlyInAnyOrderElementsOf(objects);
  }

  private static List<String> errors(Map<String, Object> document) {
    String yaml = new Dump(DumpSettings.builder().build()).dumpToString(document);
    return ResourceFiles.empty().with(Map.of("policy.yaml", yaml)).errors().stream()
        .map(ResourceError::toString)
        .toList();
  }

  private static Map<String, Object> document(CustomResource resource, boolean strange) {
    Map<String, Object> document = new LinkedHashMap<>(object(resource.schema(), "", strange));
    document.put("apiVersion", "policy.culvert.dev/v1alpha1");
    document.put("kind", resource.kind());
    document.put("metadata", Map.of("name", "every-field"));
    return document;
  }

  /** Every field of the schema, filled with something of its type. */
  private static Object value(Map<String, Object> schema, String name, boolean strange) {
    return switch ((String) schema.get("type")) {
      case "object" -> object(schema, name, strange);
      case "array" -> List.of(value(child(schema, "items"), name, strange));
      case "integer" -> 1;
      default -> ((List<?>) schema.getOrDefault("enum", List.of("x"))).getFirst();
    };
  }

  private static Map<String, Object> object(
      Map<String, Object> schema, String name, boolean strange) {
    if (schema.containsKey("additionalProperties")) {
      return Map.of("80", value(child(schema, "additionalProperties"), name, strange));
    }
    Map<String, Object> object = new LinkedHashMap<>();
    child(schema, "properties")
        .forEach((field, value) -> object.put(field, value(map(value), field, strange)));
    if (strange && isRead(name)) {
      object.put(STRANGE, "x");
    }
    return object;
  }

  private static void collect(Map<String, Object> schema, String name, List<Set<String>> objects) {
    Map<String, Object> fields = child(schema, "properties");
    if (!fields.isEmpty() && isRead(name)) {
      objects.add(fields.keySet());
    }
    fields.forEach((field, value) -> collect(map(value), field, objects));
    for (String part : List.of("items", "additionalProperties")) {
      if (schema.containsKey(part)) {
        collect(child(schema, part), name, objects);
      }
    }
  }

  /** The status is ours to write, and Kubernetes checks the metadata. */
  private static boolean isRead(String name) {
    return !Set.of("status", "conditions", "metadata").contains(name);
  }

  private static Map<String, Object> child(Map<String, Object> schema, String keyword) {
    return map(schema.getOrDefault(keyword, Map.of()));
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(Object value) {
    return (Map<String, Object>) value;
  }
}
