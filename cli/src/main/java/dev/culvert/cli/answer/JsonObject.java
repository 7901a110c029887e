// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.answer;

import java.util.Objects;

/** Writes one flat JSON object (RFC 8259) on one line. */
public final class JsonObject {
  private final StringBuilder out = new StringBuilder("{");

  /** Adds a member: numbers and booleans as they are, everything else as a string. */
  public JsonObject put(String key, Object value) {
    if (out.length() > 1) {
      out.append(',');
    }
    quote(key);
    out.append(':');
    if (value instanceof Number || value instanceof Boolean) {
      out.append(value);
    } else {
      quote(Objects.toString(value));
    }
    return this;
  }

  @Override
  public String toString() {
    return out + "}";
  }

  private void quote(String text) {
    out.append('"');
    text.chars().forEach(this::append);
    out.append('"');
  }

  private void append(int c) {
    switch (c) {
      case '"' -> out.append("\\\"");
      case '\\' -> out.append("\\\\");
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      default -> {
        if (Character.isISOControl(c)) {
          out.append("\\u%04x".formatted(c));
        } else {
          out.append((char) c);
        }
      }
    }
  }
}
