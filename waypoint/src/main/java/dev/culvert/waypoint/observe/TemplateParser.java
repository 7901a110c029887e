// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.observe;

import dev.culvert.ztunnel.json.JsonText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads text with operators between percent signs, as Envoy's. Used once for each text. */
final class TemplateParser {
  /** NAME, NAME(ARGUMENT), and either with :LENGTH; a time's argument has percent signs too. */
  private static final Pattern OPERATOR =
      Pattern.compile("%([A-Za-z0-9_]+)(?:\\(([^)]*)\\))?(?::([0-9]{1,6}))?%");

  private static final String START_TIME = "START_TIME";

  /** Of a header field, unless said. */
  private static final int FIELD_LENGTH = 1024;

  private static final int LONGEST_FIELD = 65_536;

  private final String text;
  private final boolean json;
  private final List<HeaderField> fields;
  private final List<Part> parts = new ArrayList<>();
  private final StringBuilder literal = new StringBuilder();

  /**
   * @param json whether it stands within the quotes of JSON
   * @param fields to which the header fields are added that it asks for
   */
  TemplateParser(String text, boolean json, List<HeaderField> fields) {
    this.text = text;
    this.json = json;
    this.fields = fields;
  }

  /**
   * Its parts.
   *
   * @throws IllegalArgumentException naming what is not known, and its place
   */
  List<Part> parse() {
    int at = 0;
    while (at < text.length()) {
      try {
        at = text.charAt(at) == '%' ? operator(at) : literal(at);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("character %d: %s".formatted(at + 1, e.getMessage()), e);
      }
    }
    endLiteral();
    return List.copyOf(parts);
  }

  private int literal(int at) {
    char c = text.charAt(at);
    if (Character.isISOControl(c)) {
      throw new IllegalArgumentException("a line holds no line breaks or other control characters");
    }
    literal.append(c);
    return at + 1;
  }

  private void endLiteral() {
    if (!literal.isEmpty()) {
      StringBuilder written = literal;
      if (json) {
        written = new StringBuilder();
        JsonText.escape(literal, written);
      }
      parts.add(new Part.Literal(written.toString()));
      literal.setLength(0);
    }
  }

  private int operator(int at) {
    if (text.startsWith("%%", at)) {
      literal.append('%');
      return at + 2;
    }
    Matcher operator = OPERATOR.matcher(text).region(at, text.length());
    if (!operator.lookingAt()) {
      throw new IllegalArgumentException(
          "%NAME%, %NAME(ARGUMENT)% or %NAME(ARGUMENT):LENGTH% is expected; a percent sign is"
              + " written %%");
    }
    endLiteral();
    parts.add(part(operator.group(1), operator.group(2), operator.group(3)));
    return operator.end();
  }

  private Part part(String name, @Nullable String argument, @Nullable String length) {
    return switch (name) {
      case START_TIME -> {
        refuse(length, name, "length");
        yield new Part.StartTime(
            TimeFormat.parse(argument == null ? TimeFormat.STANDARD : argument));
      }
      case "REQ", "REQ_WITHOUT_QUERY", "RESP", "TRAILER" -> field(name, argument, length);
      default -> {
        refuse(argument, name, "argument");
        refuse(length, name, "length");
        yield named(name);
      }
    };
  }

  /** It is read while the request is at hand, and waits in its place of the entry. */
  private Part field(String name, @Nullable String argument, @Nullable String length) {
    if (argument == null) {
      throw new IllegalArgumentException(
          "%%%s%% wants the name of a header field: %%%s(NAME)%%".formatted(name, name));
    }
    int most = length == null ? FIELD_LENGTH : Integer.parseInt(length);
    if (most < 1 || most > LONGEST_FIELD) {
      throw new IllegalArgumentException(
          "of a field 1 to %d characters are told, not %s".formatted(LONGEST_FIELD, length));
    }
    int slot = fields.size();
    fields.add(HeaderField.parse(HeaderField.Of.valueOf(name), argument, most));
    return new Part.Text(line -> line.fields().get(slot));
  }

  private static Part named(String name) {
    Part part = Operators.named(name);
    if (part == null) {
      throw new IllegalArgumentException(
          "%%%s%% is not known; known are %s".formatted(name, known()));
    }
    return part;
  }

  private static void refuse(@Nullable String given, String name, String what) {
    if (given != null) {
      throw new IllegalArgumentException("%%%s%% takes no %s".formatted(name, what));
    }
  }

  private static String known() {
    Stream<String> fields = Arrays.stream(HeaderField.Of.values()).map(Enum::name);
    return Stream.of(Stream.of(START_TIME), fields, Operators.names())
        .flatMap(names -> names)
        .sorted()
        .collect(Collectors.joining(", "));
  }
}
