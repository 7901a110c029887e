// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who ends TLS, by the name asked for in the handshake. A change counts for handshakes from then
 * on.
 */
public final class ServerNames {
  private volatile ByServerName<TlsEnd> ends;

  /**
   * @param byName host names in lower case, exact, with the first label {@code *}, or {@code *}
   */
  public ServerNames(Map<String, TlsEnd> byName) {
    this.ends = new ByServerName<>(byName);
  }

  /** Handshakes from now on get these. */
  public void replace(Map<String, TlsEnd> next) {
    ends = new ByServerName<>(next);
  }

  /**
   * Finds one.
   *
   * @param asked null for a handshake that names nobody
   */
  Optional<TlsEnd> find(@Nullable String asked) {
    return ends.find(asked);
  }
}
