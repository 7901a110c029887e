// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.text.Spelling;
import dev.culvert.policy.yaml.ScalarType;
import dev.culvert.policy.yaml.YamlValue;
import dev.culvert.policy.yaml.YamlValue.Field;
import dev.culvert.policy.yaml.YamlValue.Fields;
import dev.culvert.policy.yaml.YamlValue.Items;
import dev.culvert.policy.yaml.YamlValue.Scalar;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Reads the fields of one object by name and type. A wrong type is noted as an error and read as
 * absent, so that all errors of a file are found at once. Fields asked for are the known ones.
 */
final class ObjectReader {
  private final Findings findings;
  private final String path;
  private final Fields fields;
  private final Set<String> known = new LinkedHashSet<>();
  private final List<ObjectReader> children = new ArrayList<>();

  ObjectReader(Findings findings, String path, Fields fields) {
    this.findings = findings;
    this.path = path;
    this.fields = fields;
  }

  int line() {
    return fields.line();
  }

  /** The object as it is written. */
  Fields fields() {
    return fields;
  }

  /** The names of the fields that are written. */
  Set<String> names() {
    return fields.byName().keySet();
  }

  boolean has(String name) {
    return value(name).isPresent();
  }

  boolean isEmptyList(String name) {
    return value(name).filter(ObjectReader::isEmptyList).isPresent();
  }

  private static boolean isEmptyList(YamlValue value) {
    return value instanceof Items items && items.values().isEmpty();
  }

  boolean isAbsentOrEmpty(String name) {
    return !has(name) || isEmptyList(name);
  }

  /** Whether no field holds anything. */
  boolean isAllEmpty() {
    return fields.byName().values().stream()
        .map(Field::value)
        .allMatch(value -> value.isNull() || isEmptyList(value));
  }

  /** The name of the field that holds this object. */
  String name() {
    return path.substring(path.lastIndexOf('.') + 1);
  }

  boolean isText(String name) {
    return value(name)
        .filter(v -> v instanceof Scalar s && s.type() == ScalarType.TEXT)
        .isPresent();
  }

  Optional<String> text(String name) {
    return value(name).flatMap(value -> text(path(name), value));
  }

  String text(String name, String standard) {
    return text(name).orElse(standard);
  }

  <T> Optional<T> parsed(String name, Function<String, T> parser) {
    return value(name)
        .flatMap(value -> text(path(name), value))
        .flatMap(text -> parse(fields.byName().get(name).line(), path(name), text, parser));
  }

  <T> List<T> parsedItems(String name, Function<String, T> parser) {
    List<T> parsed = new ArrayList<>();
    List<YamlValue> items = items(name);
    for (int i = 0; i < items.size(); i++) {
      YamlValue item = items.get(i);
      String field = "%s[%d]".formatted(path(name), i);
      text(field, item)
          .flatMap(text -> parse(item.line(), field, text, parser))
          .ifPresent(parsed::add);
    }
    return parsed;
  }

  <E extends Enum<E>> Optional<E> choice(String name, Class<E> type) {
    Map<String, E> constants = new LinkedHashMap<>();
    Arrays.stream(type.getEnumConstants()).forEach(one -> constants.put(one.name(), one));
    return parsed(name, text -> chosen(text, constants));
  }

  /** What one of the words stands for. */
  <T> Optional<T> choice(String name, Map<String, T> words) {
    return parsed(name, text -> chosen(text, new TreeMap<>(words)));
  }

  static <T> T chosen(String text, Map<String, T> words) {
    T found = words.get(text);
    if (found != null) {
      return found;
    }
    String all = "write one of " + String.join(", ", words.keySet());
    throw new InvalidValueException(
        "'%s' is not known".formatted(text), meant(text, words.keySet()).orElse(all));
  }

  int integer(String name, int standard, int min, int max) {
    Optional<YamlValue> value = value(name);
    if (value.isEmpty()) {
      return standard;
    }
    if (value.get() instanceof Scalar(int line, ScalarType type, String text)
        && type == ScalarType.INTEGER) {
      if (text.length() <= 10 && text.matches("-?[0-9]+")) {
        long number = Long.parseLong(text);
        if (number >= min && number <= max) {
          return (int) number;
        }
      }
      String range = "write %d to %d".formatted(min, max);
      findings.error(line, path(name), "%s is out of range".formatted(text), range);
      return standard;
    }
    wrongType(path(name), value.get(), "a whole number");
    return standard;
  }

  /** Whole numbers; one out of range is an error and left out. */
  List<Integer> integers(String name, int min, int max) {
    List<Integer> numbers = new ArrayList<>();
    List<YamlValue> items = items(name);
    for (int i = 0; i < items.size(); i++) {
      String field = "%s[%d]".formatted(path(name), i);
      if (items.get(i) instanceof Scalar(int line, ScalarType type, String text)
          && type == ScalarType.INTEGER
          && text.matches("[0-9]{1,9}")
          && Integer.parseInt(text) >= min
          && Integer.parseInt(text) <= max) {
        numbers.add(Integer.parseInt(text));
      } else {
        String range = "write %d to %d".formatted(min, max);
        findings.error(items.get(i).line(), field, "it is no number in range", range);
      }
    }
    return numbers;
  }

  boolean flag(String name, boolean standard) {
    Optional<YamlValue> value = value(name);
    if (value.isEmpty()) {
      return standard;
    }
    if (value.get() instanceof Scalar scalar && scalar.type() == ScalarType.FLAG) {
      return scalar.text().equalsIgnoreCase("true");
    }
    wrongType(path(name), value.get(), "true or false");
    return standard;
  }

  Map<String, String> textMap(String name) {
    Map<String, String> texts = new LinkedHashMap<>();
    Optional<YamlValue> value = value(name);
    if (value.isPresent() && value.get() instanceof Fields map) {
      map.byName()
          .forEach(
              (key, field) ->
                  text(path(name) + "." + key, field.value())
                      .ifPresent(text -> texts.put(key, text)));
    } else {
      value.ifPresent(other -> wrongType(path(name), other, "an object"));
    }
    return texts;
  }

  /** The object in a field; one without fields when it is absent. */
  ObjectReader object(String name) {
    Optional<YamlValue> value = value(name);
    if (value.isPresent() && value.get() instanceof Fields object) {
      return child(path(name), object);
    }
    value.ifPresent(other -> wrongType(path(name), other, "an object"));
    return new ObjectReader(findings, path(name), new Fields(line(), Map.of()));
  }

  List<ObjectReader> objects(String name) {
    List<ObjectReader> objects = new ArrayList<>();
    List<YamlValue> items = items(name);
    for (int i = 0; i < items.size(); i++) {
      String field = "%s[%d]".formatted(path(name), i);
      if (items.get(i) instanceof Fields object) {
        objects.add(child(field, object));
      } else {
        wrongType(field, items.get(i), "an object");
      }
    }
    return objects;
  }

  /** Fields that may be written and are not used. */
  void know(String... names) {
    known.addAll(Arrays.asList(names));
  }

  void error(String name, String problem, String remedy) {
    Field field = fields.byName().get(name);
    findings.error(field == null ? line() : field.line(), path(name), problem, remedy);
  }

  /** Notes an error when the field is not written. */
  void require(String name, String remedy) {
    if (!has(name)) {
      error(name, "it is missing", remedy);
    }
  }

  /** Notes an error for every field, here and below, that nobody asked for. */
  void refuseUnknown() {
    unknown().forEach(name -> error(name, "unknown field", meant(name)));
    children.forEach(ObjectReader::refuseUnknown);
  }

  /** Tells of every field, here and below, that nobody asked for. */
  void tellUnknown(String resource) {
    unknown()
        .forEach(
            name ->
                findings.notice(
                    fields.byName().get(name).line(),
                    "%s: field %s is not known and has no effect; %s"
                        .formatted(resource, path(name), meant(name))));
    children.forEach(child -> child.tellUnknown(resource));
  }

  private Stream<String> unknown() {
    return names().stream().filter(name -> !known.contains(name));
  }

  private String meant(String name) {
    return meant(name, known).orElse("remove it; known here: " + String.join(", ", known));
  }

  private static Optional<String> meant(String written, Iterable<String> known) {
    List<String> words = new ArrayList<>();
    known.forEach(words::add);
    return Spelling.nearest(written, words).map("did you mean '%s'?"::formatted);
  }

  /** The object that the text of a field is; its lines are those of the text. */
  ObjectReader inside(String name, Fields object) {
    return child(path(name), object);
  }

  private ObjectReader child(String childPath, Fields object) {
    ObjectReader child = new ObjectReader(findings, childPath, object);
    children.add(child);
    return child;
  }

  private Optional<YamlValue> value(String name) {
    known.add(name);
    return Optional.ofNullable(fields.byName().get(name))
        .map(Field::value)
        .filter(value -> !value.isNull());
  }

  private List<YamlValue> items(String name) {
    Optional<YamlValue> value = value(name);
    if (value.isPresent() && value.get() instanceof Items items) {
      return items.values();
    }
    value.ifPresent(other -> wrongType(path(name), other, "a list"));
    return List.of();
  }

  private Optional<String> text(String field, YamlValue value) {
    if (value instanceof Scalar scalar) {
      if (scalar.type() == ScalarType.TEXT) {
        return Optional.of(scalar.text());
      }
      String remedy =
          scalar.type() == ScalarType.NULL
              ? "write text or remove it"
              : "put it in quotes: \"" + scalar.text() + "\"";
      findings.error(scalar.line(), field, scalar.kind() + " stands where text is needed", remedy);
      return Optional.empty();
    }
    wrongType(field, value, "text");
    return Optional.empty();
  }

  private <T> Optional<T> parse(int line, String field, String text, Function<String, T> parser) {
    try {
      return Optional.of(parser.apply(text));
    } catch (InvalidValueException e) {
      findings.error(line, field, e.problem(), e.remedy());
      return Optional.empty();
    }
  }

  private void wrongType(String field, YamlValue value, String needed) {
    String problem = "%s stands where %s is needed".formatted(value.kind(), needed);
    findings.error(value.line(), field, problem, "write " + needed);
  }

  private String path(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }
}
