// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.report;

import dev.culvert.ztunnel.json.JsonText;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** Maps, lists, numbers and texts as JSON (RFC 8259). */
final class Json {
  private Json() {}

  static String of(Object value) {
    return switch (value) {
      case Map<?, ?> map ->
          map.entrySet().stream()
              .map(entry -> of(entry.getKey().toString()) + ":" + of(entry.getValue()))
              .collect(Collectors.joining(",", "{", "}"));
      case Iterable<?> list ->
          StreamSupport.stream(list.spliterator(), false)
              .map(Json::of)
              .collect(Collectors.joining(",\n", "[", "]"));
      case Double number when !Double.isFinite(number) -> "null";
      case Number number -> number.toString();
      case Boolean flag -> flag.toString();
      default -> JsonText.quoted(value.toString());
    };
  }
}
