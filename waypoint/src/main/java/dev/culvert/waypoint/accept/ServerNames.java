// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import io.netty.handler.ssl.SslContext;
import io.netty.util.AsyncMapping;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Certificates by the name asked for in the handshake: the exact one, else that of the wildcard
 * with the most labels. A change counts for handshakes from then on.
 */
public final class ServerNames implements AsyncMapping<String, SslContext> {
  private volatile Map<String, SslContext> byName;

  /**
   * @param byName host names in lower case, exact, with the first label {@code *}, or {@code *}
   */
  public ServerNames(Map<String, SslContext> byName) {
    this.byName = Map.copyOf(byName);
  }

  /** Handshakes from now on get these. */
  public void replace(Map<String, SslContext> next) {
    byName = Map.copyOf(next);
  }

  @Override
  public Future<SslContext> map(String name, Promise<SslContext> promise) {
    SslContext found = find(byName, name == null ? "" : name.toLowerCase(Locale.ROOT));
    return found == null
        ? promise.setFailure(new IllegalArgumentException("no certificate for '" + name + "'"))
        : promise.setSuccess(found);
  }

  private static @Nullable SslContext find(Map<String, SslContext> all, String name) {
    SslContext found = all.get(name);
    int dot = name.indexOf('.');
    while (found == null && dot >= 0) {
      found = all.get("*" + name.substring(dot));
      dot = name.indexOf('.', dot + 1);
    }
    return found == null ? all.get("*") : found;
  }
}
