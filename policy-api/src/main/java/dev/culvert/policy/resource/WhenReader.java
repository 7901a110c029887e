// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.text.Spelling;
import java.util.function.Function;

/** Reads and checks the conditions of a rule. */
final class WhenReader {
  private WhenReader() {}

  static When read(ObjectReader when) {
    if (!when.has("key")) {
      when.error("key", "it is missing", "write one such as source.ip");
    }
    String key = when.parsed("key", WhenReader::key).orElse("");
    Function<String, String> check = text -> check(key, text);
    Values<String> values =
        new Values<>(when.parsedItems("values", check), when.parsedItems("notValues", check));
    if (when.isAbsentOrEmpty("values") && when.isAbsentOrEmpty("notValues")) {
      when.error("values", "neither values nor notValues holds anything", "add a value to one");
    }
    return new When(key, values);
  }

  private static String key(String text) {
    if (When.KEYS.contains(text) || When.KEYS_WITH_NAMES.matcher(text).matches()) {
      return text;
    }
    String remedy =
        Spelling.nearest(text, When.KEYS)
            .map("did you mean '%s'?"::formatted)
            .orElse("known are " + String.join(", ", When.KEYS) + ", request.headers[NAME]");
    throw new InvalidValueException("attribute '%s' is not known".formatted(text), remedy);
  }

  private static String check(String key, String text) {
    switch (key) {
      case "source.ip", "destination.ip", "remote.ip" -> IpBlock.parse(text);
      case "destination.port" -> Literals.port(text);
      case "source.principal" -> Literals.principal(text);
      case "source.namespace" -> Literals.pattern(text);
      case "source.serviceAccount" -> ServiceAccountRef.parse("default", text);
      default -> Literals.some(text);
    }
    return text;
  }
}
