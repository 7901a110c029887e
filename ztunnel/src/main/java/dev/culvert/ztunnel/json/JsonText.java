// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.json;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Writes one JSON document (RFC 8259), member by member. Not thread-safe. */
public final class JsonText {
  private static final String HEX = "0123456789abcdef";

  /** So much is worth a write. */
  private static final int PASSED_ON_CHARS = 64 * 1024;

  private final StringBuilder out = new StringBuilder(256);
  private final @Nullable Writer to;
  private boolean first = true;

  private JsonText(@Nullable Writer to) {
    this.to = to;
  }

  /** A document that is an object. */
  public static String object(Consumer<JsonText> members) {
    JsonText json = new JsonText(null);
    json.braces(members);
    return json.out.toString();
  }

  /**
   * Writes a document that is an object, and that may be larger than one wants to hold.
   *
   * @throws IOException of the writer, which stays open
   */
  public static void write(Writer to, Consumer<JsonText> members) throws IOException {
    JsonText json = new JsonText(to);
    try {
      json.braces(members);
      json.passOn(to);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private void passOn(Writer writer) {
    try {
      writer.append(out);
      out.setLength(0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A document that is an array of elements that are JSON already. */
  public static String array(Iterable<String> elements) {
    return "[" + String.join(",", elements) + "]";
  }

  /** A text as JSON writes it, in quotes. */
  public static String quoted(CharSequence text) {
    StringBuilder out = new StringBuilder(text.length() + 2);
    quote(text, out);
    return out.toString();
  }

  /** Appends a text as JSON writes it, in quotes. */
  public static void quote(CharSequence text, StringBuilder out) {
    out.append('"');
    escape(text, out);
    out.append('"');
  }

  /**
   * Appends a text as it stands between the quotes: on one line, and without a character that a
   * terminal obeys.
   */
  public static void escape(CharSequence text, StringBuilder out) {
    int written = 0;
    for (int i = 0; i < text.length(); i++) {
      if (isSpecial(text.charAt(i))) {
        out.append(text, written, i);
        escape(text.charAt(i), out);
        written = i + 1;
      }
    }
    if (written == 0) {
      out.append(text);
    } else {
      out.append(text, written, text.length());
    }
  }

  private static boolean isSpecial(char c) {
    return c == '"' || c == '\\' || Character.isISOControl(c);
  }

  /** A member that is a text. */
  public JsonText text(String name, CharSequence value) {
    name(name);
    quote(value);
    return this;
  }

  /** A member that is a whole number. */
  public JsonText number(String name, long value) {
    name(name);
    out.append(value);
    return this;
  }

  /** A member that is true or false. */
  public JsonText flag(String name, boolean value) {
    name(name);
    out.append(value);
    return this;
  }

  /** A member without a value. */
  public JsonText nothing(String name) {
    name(name);
    out.append("null");
    return this;
  }

  /** A member that is an array of elements that are JSON already. */
  public JsonText raws(String name, Iterable<String> elements) {
    name(name);
    out.append(array(elements));
    return this;
  }

  /** A member that is an object. */
  public JsonText object(String name, Consumer<JsonText> members) {
    name(name);
    braces(members);
    return this;
  }

  /** A member that is an array of objects, one for each element. */
  public <T> JsonText objects(
      String name, Iterable<? extends T> elements, BiConsumer<JsonText, T> members) {
    name(name);
    out.append('[');
    first = true;
    for (T element : elements) {
      separate();
      braces(json -> members.accept(json, element));
    }
    out.append(']');
    first = false;
    return this;
  }

  /** A member that is an array of texts. */
  public JsonText texts(String name, Iterable<?> elements) {
    name(name);
    out.append('[');
    first = true;
    for (Object element : elements) {
      separate();
      quote(element.toString());
    }
    out.append(']');
    first = false;
    return this;
  }

  private void braces(Consumer<JsonText> members) {
    out.append('{');
    first = true;
    members.accept(this);
    out.append('}');
    first = false;
  }

  private void name(String name) {
    separate();
    quote(name);
    out.append(':');
  }

  private void separate() {
    if (to != null && out.length() >= PASSED_ON_CHARS) {
      passOn(to);
    }
    if (!first) {
      out.append(',');
    }
    first = false;
  }

  private void quote(CharSequence text) {
    quote(text, out);
  }

  private static void escape(char c, StringBuilder out) {
    switch (c) {
      case '"' -> out.append("\\\"");
      case '\\' -> out.append("\\\\");
      case '\n' -> out.append("\\n");
      case '\t' -> out.append("\\t");
      default -> out.append("\\u00").append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 0xf));
    }
  }
}
