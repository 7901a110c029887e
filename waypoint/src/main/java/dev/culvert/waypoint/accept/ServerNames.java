// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who ends TLS, by the name asked for in the handshake: that of the exact name, else that of the
 * wildcard with the most labels. A change counts for handshakes from then on.
 */
public final class ServerNames {
  private volatile Map<String, TlsEnd> byName;

  /**
   * @param byName host names in lower case, exact, with the first label {@code *}, or {@code *}
   */
  public ServerNames(Map<String, TlsEnd> byName) {
    this.byName = Map.copyOf(byName);
  }

  /** Handshakes from now on get these. */
  public void replace(Map<String, TlsEnd> next) {
    byName = Map.copyOf(next);
  }

  /**
   * Finds one.
   *
   * @param asked null for a handshake that names nobody
   */
  @Nullable TlsEnd find(@Nullable String asked) {
    Map<String, TlsEnd> all = byName;
    String name = asked == null ? "" : asked.toLowerCase(Locale.ROOT);
    TlsEnd found = all.get(name);
    int dot = name.indexOf('.');
    while (found == null && dot >= 0) {
      found = all.get("*" + name.substring(dot));
      dot = name.indexOf('.', dot + 1);
    }
    return found == null ? all.get("*") : found;
  }
}
