// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.crd;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An object that somebody applies, as an API server checks it by a schema, strictly: fields that
 * are not known, types, bounds, patterns, and the rules in CEL, which Google's own library
 * evaluates.
 */
final class AppliedObject {
  private final CelRules rules = new CelRules();
  private final List<String> violations = new ArrayList<>();

  private AppliedObject() {}

  /**
   * What the API server would say, each as {@code FIELD: WHAT}; empty when it stores the object.
   */
  static List<String> violations(CustomResource resource, Map<String, Object> object) {
    AppliedObject applied = new AppliedObject();
    Map<String, Object> own = new HashMap<>(object);
    own.remove("metadata");
    applied.check("", resource.schema(), own);
    return applied.violations;
  }

  private void check(String path, Map<String, Object> schema, Object value) {
    switch ((String) schema.get("type")) {
      case "object" -> object(path, schema, value);
      case "array" -> list(path, schema, value);
      case "integer" -> {
        if (require(path, value instanceof Integer, "no integer")) {
          bound(path, schema, "minimum", "maximum", (int) value);
        }
      }
      case "boolean" -> require(path, value instanceof Boolean, "no boolean");
      default -> text(path, schema, value);
    }
    for (String message : rules.broken(schema, value)) {
      violations.add(path + ": " + message);
    }
  }

  private void object(String path, Map<String, Object> schema, Object value) {
    if (!require(path, value instanceof Map, "no object")) {
      return;
    }
    Map<String, Object> fields = map(value);
    bound(path, schema, "minProperties", "maxProperties", fields.size());
    for (Object name : (List<?>) schema.getOrDefault("required", List.of())) {
      require(path + "." + name, fields.containsKey(name), "missing");
    }
    Map<String, Object> known = map(schema.getOrDefault("properties", Map.of()));
    fields.forEach(
        (name, field) -> {
          Object its = known.getOrDefault(name, schema.get("additionalProperties"));
          if (require(path + "." + name, its != null, "unknown field")) {
            check(path + "." + name, map(its), field);
          }
        });
  }

  private void list(String path, Map<String, Object> schema, Object value) {
    if (!require(path, value instanceof List, "no list")) {
      return;
    }
    List<?> items = (List<?>) value;
    bound(path, schema, "minItems", "maxItems", items.size());
    for (int i = 0; i < items.size(); i++) {
      check("%s[%d]".formatted(path, i), map(schema.get("items")), items.get(i));
    }
  }

  private void text(String path, Map<String, Object> schema, Object value) {
    if (!require(path, value instanceof String, "no string")) {
      return;
    }
    String text = (String) value;
    bound(path, schema, "minLength", "maxLength", text.length());
    require(
        path,
        !schema.containsKey("enum") || ((List<?>) schema.get("enum")).contains(text),
        "not one of " + schema.get("enum"));
    String pattern = (String) schema.getOrDefault("pattern", "");
    require(
        path,
        com.google.re2j.Pattern.compile(pattern).matcher(text).find(),
        "does not match " + pattern);
  }

  private void bound(
      String path, Map<String, Object> schema, String least, String most, int value) {
    require(
        path,
        value >= (int) schema.getOrDefault(least, Integer.MIN_VALUE)
            && value <= (int) schema.getOrDefault(most, Integer.MAX_VALUE),
        "%d is out of bounds".formatted(value));
  }

  private boolean require(String path, boolean holds, String problem) {
    if (!holds) {
      violations.add(path + ": " + problem);
    }
    return holds;
  }

  @SuppressWarnings("unchecked") // as JSON has them
  private static Map<String, Object> map(Object value) {
    return (Map<String, Object>) value;
  }
}
