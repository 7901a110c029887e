// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.yaml;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes a value as JSON that is the same for the same content, wherever it came from: fields in
 * the order of their names, those without a value left out, no spaces. {@link YamlDocuments} reads
 * it back as it was.
 */
public final class CanonicalJson {
  private final StringBuilder out = new StringBuilder();

  private CanonicalJson() {}

  /** The JSON of a value. */
  public static String of(YamlValue value) {
    CanonicalJson json = new CanonicalJson();
    json.value(value);
    return json.out.toString();
  }

  private void value(YamlValue value) {
    switch (value) {
      case YamlValue.Fields fields -> fields(fields);
      case YamlValue.Items items -> items(items);
      case YamlValue.Scalar scalar -> scalar(scalar);
    }
  }

  private void fields(YamlValue.Fields fields) {
    Map<String, YamlValue> sorted = new TreeMap<>();
    fields.byName().forEach((name, field) -> sorted.put(name, field.value()));
    sorted.values().removeIf(YamlValue::isNull);
    char before = '{';
    for (Map.Entry<String, YamlValue> field : sorted.entrySet()) {
      out.append(before);
      text(field.getKey());
      out.append(':');
      value(field.getValue());
      before = ',';
    }
    out.append(sorted.isEmpty() ? "{}" : "}");
  }

  private void items(YamlValue.Items items) {
    char before = '[';
    for (YamlValue item : items.values()) {
      out.append(before);
      value(item);
      before = ',';
    }
    out.append(items.values().isEmpty() ? "[]" : "]");
  }

  private void scalar(YamlValue.Scalar scalar) {
    switch (scalar.type()) {
      case TEXT -> text(scalar.text());
      case INTEGER, DECIMAL -> out.append(scalar.text());
      case FLAG -> out.append(scalar.text().toLowerCase(Locale.ROOT));
      case NULL -> out.append("null");
    }
  }

  /** RFC 8259, section 7; what YAML cannot have as it is, is escaped too (YAML 1.2, 5.1). */
  private void text(String text) {
    out.append('"');
    text.codePoints().forEach(this::character);
    out.append('"');
  }

  private void character(int c) {
    if (c == '"' || c == '\\') {
      out.append('\\').append((char) c);
    } else if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
      out.append('\ufffd'); // half of a character is none
    } else if (isPrintable(c)) {
      out.appendCodePoint(c);
    } else {
      out.append("\\u%04x".formatted(c));
    }
  }

  private static boolean isPrintable(int c) {
    boolean control = c < 0x20 || (c >= 0x7f && c < 0xa0);
    boolean separator = c == 0x2028 || c == 0x2029 || c == 0xfeff || c == 0xfffe || c == 0xffff;
    return !control && !separator;
  }
}
