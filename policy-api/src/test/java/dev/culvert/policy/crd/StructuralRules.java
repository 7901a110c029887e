// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.crd;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the API server refuses in a schema ("Specifying a structural schema" in the documentation of
 * CustomResourceDefinitions), and that people get a description of every field.
 */
final class StructuralRules {
  private static final Set<String> LOGICAL = Set.of("allOf", "anyOf", "oneOf", "not");
  private static final Set<String> NOT_IN_LOGICAL =
      Set.of(
          "description", "type", "default", "additionalProperties", "nullable", "title", "format");
  private static final Set<String> FORBIDDEN =
      Set.of("$ref", "definitions", "dependencies", "id", "patternProperties", "uniqueItems");

  private final List<String> violations = new ArrayList<>();

  private StructuralRules() {}

  static List<String> violations(Map<String, Object> schema) {
    StructuralRules rules = new StructuralRules();
    rules.check("", schema);
    return rules.violations;
  }

  private void check(String path, Map<String, Object> schema) {
    require(schema.get("type") instanceof String type && !type.isEmpty(), path, "has no type");
    schema.keySet().stream()
        .filter(FORBIDDEN::contains)
        .forEach(keyword -> require(false, path, keyword + " is forbidden"));
    require(
        !(schema.containsKey("properties") && schema.containsKey("additionalProperties")),
        path,
        "has both properties and additionalProperties");
    require(
        !"array".equals(schema.get("type")) || schema.containsKey("items"), path, "has no items");
    checkRequired(path, schema);
    checkRules(path, schema);
    LOGICAL.stream().filter(schema::containsKey).forEach(name -> logical(path, schema.get(name)));
    map(schema.get("properties")).forEach((name, field) -> field(path + "." + name, map(field)));
    for (String part : List.of("items", "additionalProperties")) {
      if (schema.containsKey(part)) {
        check(path + "[]", map(schema.get(part)));
      }
    }
  }

  private void field(String path, Map<String, Object> schema) {
    boolean ofKubernetes = Set.of(".apiVersion", ".kind", ".metadata").contains(path);
    require(ofKubernetes || schema.containsKey("description"), path, "has no description");
    check(path, schema);
  }

  private void checkRequired(String path, Map<String, Object> schema) {
    if (schema.get("required") instanceof List<?> names) {
      require(
          map(schema.get("properties")).keySet().containsAll(names),
          path,
          "requires a field that it has not");
    }
  }

  private void checkRules(String path, Map<String, Object> schema) {
    if (schema.get("x-kubernetes-validations") instanceof List<?> rules) {
      for (Object rule : rules) {
        String message = (String) map(rule).get("message");
        require(message.length() <= 2048 && !message.contains("\n"), path, "message too long");
      }
    }
  }

  private void logical(String path, Object value) {
    List<?> parts = value instanceof List<?> list ? list : List.of(value);
    for (Object part : parts) {
      map(part).keySet().stream()
          .filter(NOT_IN_LOGICAL::contains)
          .forEach(name -> require(false, path, name + " stands within a logical keyword"));
    }
  }

  private void require(boolean holds, String path, String problem) {
    if (!holds) {
      violations.add(path + " " + problem);
    }
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(Object value) {
    return value == null ? Map.of() : (Map<String, Object>) value;
  }
}
