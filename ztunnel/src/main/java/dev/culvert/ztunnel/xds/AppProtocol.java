// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

/** What the port of a service speaks, as far as it was said. */
public enum AppProtocol {
  UNKNOWN,
  HTTP1,
  HTTP2,
  GRPC,
  TCP,
  TLS
}
