// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.lane;

import dev.culvert.perf.bench.site.Endpoint;

/** HTTP as clients speak it to a front door. */
public enum Wire {
  /** HTTP/1.1. */
  H1("HTTP/1.1", 18_080, false, false),
  /** HTTP/2 without TLS, by prior knowledge. */
  H2C("HTTP/2 without TLS", 18_081, false, true),
  /** HTTP/1.1 in TLS 1.3, with certificates on both ends. */
  H1_MTLS("HTTP/1.1, mutual TLS", 18_443, true, false),
  /** HTTP/2 in TLS 1.3, with certificates on both ends. */
  H2_MTLS("HTTP/2, mutual TLS", 18_443, true, true);

  private final String title;
  private final int port;
  private final boolean tls;
  private final boolean multiplexed;

  Wire(String title, int port, boolean tls, boolean multiplexed) {
    this.title = title;
    this.port = port;
    this.tls = tls;
    this.multiplexed = multiplexed;
  }

  public String title() {
    return title;
  }

  /** Where every door listens for it. */
  public int port() {
    return port;
  }

  /** Whether clients must have a certificate. */
  public boolean isMutual() {
    return tls;
  }

  /** Whether it is HTTP/2. */
  public boolean isMultiplexed() {
    return multiplexed;
  }

  /** The address of a document, without TLS. */
  public String url(Endpoint door, String path) {
    return "http://%s%s".formatted(door, path);
  }
}
