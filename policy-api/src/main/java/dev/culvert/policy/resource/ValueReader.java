// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.yaml.ScalarType;
import dev.culvert.policy.yaml.YamlValue;
import dev.culvert.policy.yaml.YamlValue.Fields;
import dev.culvert.policy.yaml.YamlValue.Items;
import dev.culvert.policy.yaml.YamlValue.Scalar;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Reads single values as a type. One of another type is noted as an error and read as absent. */
record ValueReader(Findings findings) {
  Optional<String> text(String field, YamlValue value) {
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
    return wrongType(field, value, "text");
  }

  /**
   * What a text says.
   *
   * @param parser throws {@link InvalidValueException} for a text that says nothing
   */
  <T> Optional<T> parsed(int line, String field, YamlValue value, Function<String, T> parser) {
    return text(field, value).flatMap(text -> parsed(line, field, text, parser));
  }

  private <T> Optional<T> parsed(int line, String field, String text, Function<String, T> parser) {
    try {
      return Optional.of(parser.apply(text));
    } catch (InvalidValueException e) {
      findings.error(line, field, e.problem(), e.remedy());
      return Optional.empty();
    }
  }

  Optional<Integer> integer(String field, YamlValue value, int min, int max) {
    if (!(value instanceof Scalar scalar) || scalar.type() != ScalarType.INTEGER) {
      return wrongType(field, value, "a whole number");
    }
    Optional<Integer> number = inRange(scalar.text(), min, max);
    if (number.isEmpty()) {
      String problem = "%s is out of range".formatted(scalar.text());
      findings.error(scalar.line(), field, problem, range(min, max));
    }
    return number;
  }

  /** The same for one of a list, where a whole number is all that can be meant. */
  Optional<Integer> item(String field, YamlValue value, int min, int max) {
    Optional<Integer> number =
        value instanceof Scalar scalar && scalar.type() == ScalarType.INTEGER
            ? inRange(scalar.text(), min, max)
            : Optional.empty();
    if (number.isEmpty()) {
      findings.error(value.line(), field, "it is no number in range", range(min, max));
    }
    return number;
  }

  private static Optional<Integer> inRange(String text, int min, int max) {
    if (text.length() > 10 || !text.matches("-?[0-9]+")) {
      return Optional.empty();
    }
    long number = Long.parseLong(text);
    return number >= min && number <= max ? Optional.of((int) number) : Optional.empty();
  }

  private static String range(int min, int max) {
    return "write %d to %d".formatted(min, max);
  }

  Optional<Boolean> flag(String field, YamlValue value) {
    if (value instanceof Scalar scalar && scalar.type() == ScalarType.FLAG) {
      return Optional.of(scalar.text().equalsIgnoreCase("true"));
    }
    return wrongType(field, value, "true or false");
  }

  Optional<Fields> object(String field, YamlValue value) {
    return value instanceof Fields object
        ? Optional.of(object)
        : wrongType(field, value, "an object");
  }

  Optional<List<YamlValue>> list(String field, YamlValue value) {
    return value instanceof Items items
        ? Optional.of(items.values())
        : wrongType(field, value, "a list");
  }

  private <T> Optional<T> wrongType(String field, YamlValue value, String needed) {
    String problem = "%s stands where %s is needed".formatted(value.kind(), needed);
    findings.error(value.line(), field, problem, "write " + needed);
    return Optional.empty();
  }
}
