// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.lane;

import java.io.IOException;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text with {@code ${name}} in it.
 *
 * @param where for messages: the file it came from
 */
public record Template(String where, String text) {
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{([a-z0-9-]+)}");

  /**
   * Puts values in.
   *
   * @throws IOException when the text names a variable that there is not
   */
  public String with(Map<String, String> values) throws IOException {
    Matcher matcher = VARIABLE.matcher(text);
    StringBuilder out = new StringBuilder();
    while (matcher.find()) {
      String value = values.get(matcher.group(1));
      if (value == null) {
        throw new IOException(
            "%s: there is no ${%s}, but %s"
                .formatted(where, matcher.group(1), new TreeSet<>(values.keySet())));
      }
      matcher.appendReplacement(out, Matcher.quoteReplacement(value));
    }
    return matcher.appendTail(out).toString();
  }
}
