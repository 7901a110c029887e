// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

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
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Reads the fields of one object by name and type. A wrong type is noted as an error and read as
 * absent, so that all errors of a file are found at once. Fields asked for are the known ones.
 */
final class ObjectReader {
  private final Findings findings;
  private final ValueReader values;
  private final String path;
  private final Fields fields;
  private final Set<String> known = new LinkedHashSet<>();
  private final List<ObjectReader> children = new ArrayList<>();

  ObjectReader(Findings findings, String path, Fields fields) {
    this.findings = findings;
    this.values = new ValueReader(findings);
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
    return value(name).flatMap(value -> values.text(path(name), value));
  }

  String text(String name, String standard) {
    return text(name).orElse(standard);
  }

  <T> Optional<T> parsed(String name, Function<String, T> parser) {
    return value(name)
        .flatMap(
            value -> values.parsed(fields.byName().get(name).line(), path(name), value, parser));
  }

  <T> List<T> parsedItems(String name, Function<String, T> parser) {
    return items(name, (field, item) -> values.parsed(item.line(), field, item, parser));
  }

  <E extends Enum<E>> Optional<E> choice(String name, Class<E> type) {
    Map<String, E> constants = new LinkedHashMap<>();
    Arrays.stream(type.getEnumConstants()).forEach(one -> constants.put(one.name(), one));
    return parsed(name, text -> Words.chosen(text, constants));
  }

  /** What one of the words stands for. */
  <T> Optional<T> choice(String name, Map<String, T> words) {
    return parsed(name, text -> Words.chosen(text, new TreeMap<>(words)));
  }

  int integer(String name, int standard, int min, int max) {
    return value(name)
        .flatMap(value -> values.integer(path(name), value, min, max))
        .orElse(standard);
  }

  /** Whole numbers; one out of range is an error and left out. */
  List<Integer> integers(String name, int min, int max) {
    return items(name, (field, item) -> values.item(field, item, min, max));
  }

  boolean flag(String name, boolean standard) {
    return value(name).flatMap(value -> values.flag(path(name), value)).orElse(standard);
  }

  Map<String, String> textMap(String name) {
    Map<String, String> texts = new LinkedHashMap<>();
    written(name)
        .ifPresent(
            map ->
                map.byName()
                    .forEach(
                        (key, field) ->
                            values
                                .text(path(name) + "." + key, field.value())
                                .ifPresent(text -> texts.put(key, text))));
    return texts;
  }

  /** The object in a field; one without fields when it is absent. */
  ObjectReader object(String name) {
    return written(name)
        .map(object -> child(path(name), object))
        .orElseGet(() -> new ObjectReader(findings, path(name), new Fields(line(), Map.of())));
  }

  private Optional<Fields> written(String name) {
    return value(name).flatMap(value -> values.object(path(name), value));
  }

  List<ObjectReader> objects(String name) {
    return items(
        name, (field, item) -> values.object(field, item).map(object -> child(field, object)));
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
    return Words.meant(name, known).orElse("remove it; known here: " + String.join(", ", known));
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

  /** What is read of each item of a list, by the item's path and value. */
  private <T> List<T> items(String name, BiFunction<String, YamlValue, Optional<T>> reader) {
    List<YamlValue> items =
        value(name).flatMap(value -> values.list(path(name), value)).orElse(List.of());
    List<T> read = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      reader.apply("%s[%d]".formatted(path(name), i), items.get(i)).ifPresent(read::add);
    }
    return read;
  }

  private String path(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }
}
