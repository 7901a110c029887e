// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What there is for the names that handshakes ask for: that of the exact name, else that of the
 * wildcard with the most labels.
 *
 * @param byName host names in lower case, exact, with the first label {@code *}, or {@code *}
 */
public record ByServerName<T>(Map<String, T> byName) {
  /** Copies the names. */
  public ByServerName {
    byName = Map.copyOf(byName);
  }

  /**
   * Finds one.
   *
   * @param asked null for a handshake that names nobody
   */
  public Optional<T> find(@Nullable String asked) {
    String name = asked == null ? "" : asked.toLowerCase(Locale.ROOT);
    T found = byName.get(name);
    int dot = name.indexOf('.');
    while (found == null && dot >= 0) {
      found = byName.get("*" + name.substring(dot));
      dot = name.indexOf('.', dot + 1);
    }
    return Optional.ofNullable(found == null ? byName.get("*") : found);
  }
}
