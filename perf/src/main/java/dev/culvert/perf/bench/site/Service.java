// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.site;

import java.util.Locale;

/** What listens on the server's side, each asked by a load generator of its own. */
public enum Service {
  /** iperf3: bytes one way. */
  BULK(5201),
  /** sockperf: one message there and back at a time. */
  PING(11111),
  /** nginx: small HTTP responses. */
  HTTP(8080);

  private final int port;

  Service(int port) {
    this.port = port;
  }

  /** The server's own port. */
  public int port() {
    return port;
  }

  /** Where a tunnel pair takes connections for it, on the client's side. */
  public int entryPort() {
    return port + 10_000;
  }

  /** Where a tunnel pair's other end listens with TLS, on the server's side. */
  public int tunnelPort() {
    return port + 20_000;
  }

  /** In names of variables. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
