// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import dev.culvert.policy.spiffe.SpiffeId;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.Optional;

/**
 * Whether the app is told who the client proved to be, by {@code x-forwarded-client-cert} as Envoy
 * writes it. What a client writes there that proved nothing never goes on.
 *
 * @param by who tells
 */
public record ClientCert(Mode mode, String by) {
  private static final AsciiString FIELD = AsciiString.cached("x-forwarded-client-cert");

  /** When. */
  public enum Mode {
    /** Not at all. */
    NEVER,
    /** In the place of what others told. */
    SET,
    /** Behind what a proxy of the mesh told. */
    APPEND
  }

  /** Not at all. */
  public static final ClientCert NEVER = new ClientCert(Mode.NEVER, "");

  void write(Optional<SpiffeId> client, HttpHeaders headers) {
    if (mode == Mode.NEVER || client.isEmpty()) {
      headers.remove(FIELD);
      return;
    }
    String own = "By=%s;URI=%s".formatted(by, client.get());
    boolean behind = mode == Mode.APPEND && headers.contains(FIELD);
    headers.set(FIELD, behind ? String.join(",", headers.getAll(FIELD)) + "," + own : own);
  }
}
