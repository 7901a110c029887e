// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.plan;

import io.netty.handler.ssl.SslContext;
import java.util.List;

/**
 * How TLS is spoken to an endpoint.
 *
 * @param http1 offers HTTP/1.1
 * @param http2 offers HTTP/2
 * @param bare offers no protocol
 * @param hostname that is asked for in the handshake, and proved by it when there are no names
 * @param names of which one must be proved; none means the host name
 */
public record BackendTls(
    SslContext http1, SslContext http2, SslContext bare, String hostname, List<Name> names) {
  /**
   * A name that a certificate proves.
   *
   * @param uri whether it is a URI; else a host name in lower case
   */
  public record Name(boolean uri, String name) {}

  /** Copies the names. */
  public BackendTls {
    names = List.copyOf(names);
  }

  /** For a protocol. */
  public SslContext context(Protocol protocol) {
    return switch (protocol) {
      case HTTP1 -> http1;
      case HTTP2 -> http2;
      case OTHER -> bare;
    };
  }
}
