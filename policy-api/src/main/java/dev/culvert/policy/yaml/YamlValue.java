// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.yaml;

import java.util.List;
import java.util.Map;

/** A value of a YAML document with the line, from 1, that it starts on. */
public sealed interface YamlValue {

  /** The line it starts on, from 1. */
  int line();

  /** What it is, in the words of an error message. */
  String kind();

  /** One word, number or text. */
  record Scalar(int line, ScalarType type, String text) implements YamlValue {
    @Override
    public String kind() {
      return switch (type) {
        case TEXT -> "text";
        case INTEGER, DECIMAL -> "a number";
        case FLAG -> "true/false";
        case NULL -> "nothing";
      };
    }
  }

  /** A list. */
  record Items(int line, List<YamlValue> values) implements YamlValue {
    @Override
    public String kind() {
      return "a list";
    }
  }

  /** Named fields, in the order written. */
  record Fields(int line, Map<String, Field> byName) implements YamlValue {
    @Override
    public String kind() {
      return "an object";
    }
  }

  /** A field: where its name stands and what it holds. */
  record Field(int line, YamlValue value) {}

  /** Whether there is nothing here, which Kubernetes takes as the field being absent. */
  default boolean isNull() {
    return this instanceof Scalar scalar && scalar.type() == ScalarType.NULL;
  }
}
