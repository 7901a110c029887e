// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.observe;

import dev.culvert.ztunnel.json.JsonText;
import java.time.format.DateTimeFormatter;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A part of a line: what stands in its template, or what is known of the request. Whatever a client
 * or a backend chose is escaped as within the quotes of JSON, so that it can neither end a line nor
 * a quotation.
 */
sealed interface Part {

  /** Appends it; or appends nothing, and says so, when it is not known. */
  boolean append(TemplatedEntry line, StringBuilder out);

  /**
   * What the template itself says.
   *
   * @param text as it is written
   */
  record Literal(String text) implements Part {
    @Override
    public boolean append(TemplatedEntry line, StringBuilder out) {
      out.append(text);
      return true;
    }
  }

  /**
   * A text.
   *
   * @param of null or empty when it is not known
   */
  record Text(Function<TemplatedEntry, @Nullable String> of) implements Part {
    @Override
    public boolean append(TemplatedEntry line, StringBuilder out) {
      String value = of.apply(line);
      if (value == null || value.isEmpty()) {
        return false;
      }
      JsonText.escape(value, out);
      return true;
    }
  }

  /**
   * A whole number.
   *
   * @param of negative when it is not known
   */
  record WholeNumber(ToLongFunction<TemplatedEntry> of) implements Part {
    @Override
    public boolean append(TemplatedEntry line, StringBuilder out) {
      long value = of.applyAsLong(line);
      if (value < 0) {
        return false;
      }
      out.append(value);
      return true;
    }
  }

  /** When the request began. */
  record StartTime(DateTimeFormatter format) implements Part {
    @Override
    public boolean append(TemplatedEntry line, StringBuilder out) {
      format.formatTo(line.begun(), out);
      return true;
    }
  }
}
