// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.crd;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A structural schema: the part of OpenAPI v3 that a CustomResourceDefinition may hold. Each step
 * makes a new one.
 */
final class Schema {
  private final Map<String, Object> keywords;

  private Schema(Map<String, Object> keywords) {
    this.keywords = keywords;
  }

  /** Kubernetes' own fields, which it checks itself. */
  static Schema bare(String type) {
    return new Schema(Map.of("type", type));
  }

  static Schema object(String description) {
    return bare("object").with("description", description);
  }

  static Schema text(String description) {
    return bare("string").with("description", description);
  }

  static Schema choice(String description, Class<? extends Enum<?>> type) {
    List<String> names = Arrays.stream(type.getEnumConstants()).map(Enum::name).toList();
    return text(description).with("enum", names);
  }

  /**
   * @param most the API server bounds the cost of rules by it
   */
  static Schema list(String description, int most, Schema item) {
    return bare("array")
        .with("description", description)
        .with("maxItems", most)
        .with("items", item.keywords());
  }

  /**
   * @param most the API server bounds the cost of rules by it
   */
  static Schema map(String description, int most, Schema value) {
    return object(description)
        .with("maxProperties", most)
        .with("additionalProperties", value.keywords());
  }

  Schema field(String name, Schema schema) {
    Map<String, Object> fields = new LinkedHashMap<>(fields());
    fields.put(name, schema.keywords());
    return with("properties", fields);
  }

  Schema required(String... names) {
    return with("required", List.of(names));
  }

  /** A check in CEL; {@code self} is the value that this schema is of. */
  Schema rule(String expression, String message) {
    List<Object> rules = new ArrayList<>();
    if (keywords.get("x-kubernetes-validations") instanceof List<?> before) {
      rules.addAll(before);
    }
    Map<String, Object> rule = new LinkedHashMap<>();
    rule.put("rule", expression);
    rule.put("message", message);
    rules.add(rule);
    return with("x-kubernetes-validations", rules);
  }

  Schema with(String keyword, Object value) {
    Map<String, Object> next = new LinkedHashMap<>(keywords);
    next.put(keyword, value);
    return new Schema(next);
  }

  Map<String, Object> keywords() {
    return keywords;
  }

  @SuppressWarnings("unchecked")
  private Map<String, Object> fields() {
    return (Map<String, Object>) keywords.getOrDefault("properties", Map.of());
  }
}
