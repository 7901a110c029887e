// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import io.netty.handler.ssl.SslContext;

/** Who ends the TLS of a connection. */
public sealed interface TlsEnd {
  /**
   * This proxy does, and what is in it is HTTP.
   *
   * @param proves whether a client's certificate was verified, so that its identity is proved
   */
  record Here(SslContext context, boolean proves) implements TlsEnd {}

  /**
   * This proxy does, and what is in it is carried as it is.
   *
   * @param end how it is ended
   */
  record Within(Here end, ConnectionTaker taker) implements TlsEnd {}

  /** Who it is carried to. */
  record Beyond(ConnectionTaker taker) implements TlsEnd {}
}
