// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.site;

/** Where a client connects to. */
public record Endpoint(String address, int port) {
  @Override
  public String toString() {
    return address + ":" + port;
  }
}
