// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.controlplane;

import dev.culvert.policy.wire.ca.IstioCertificateServiceGrpc;
import java.util.List;
import java.util.Map;

/**
 * What becomes of a certificate request that is on its way while the control plane's connection
 * ends, as each time that one of its replicas stops: it is asked once more, on a new connection.
 * gRPC does so by itself only for what the server is known not to have seen; to sign twice does no
 * harm. CANCELLED is what a server says that stops; here nobody cancels. Streams of discovery come
 * back by their own pace.
 */
final class CaughtRequests {
  /** A methodConfig of gRPC, gRFC A6. The wait is short: a new connection is the pause. */
  static final Map<String, ?> ASKED_ONCE_MORE =
      Map.of(
          "name",
          List.of(Map.of("service", IstioCertificateServiceGrpc.SERVICE_NAME)),
          "retryPolicy",
          Map.of(
              "maxAttempts",
              2.0,
              "initialBackoff",
              "0.01s",
              "maxBackoff",
              "0.01s",
              "backoffMultiplier",
              1.0,
              "retryableStatusCodes",
              List.of("UNAVAILABLE", "CANCELLED")));

  private CaughtRequests() {}
}
