// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import io.netty.handler.ssl.SslContext;

/** Who ends the TLS of a connection. */
public sealed interface TlsEnd {
  /**
   * This proxy does, and it speaks HTTP.
   *
   * @param proves whether a client's certificate was verified, so that its identity is proved
   */
  record Here(SslContext context, boolean proves) implements TlsEnd {}

  /** Who it is carried to. */
  record Beyond(ConnectionTaker taker) implements TlsEnd {}
}
