// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.plan;

import java.util.Locale;

/** What a backend speaks. */
public enum Protocol {
  HTTP1,
  HTTP2,
  /** Anything: its connections are carried as they are. */
  OTHER;

  /**
   * What a Service's port says (Kubernetes, ServicePort.appProtocol; Istio's port names).
   *
   * @param appProtocol empty when not written
   * @param portName empty when it has none
   */
  public static Protocol of(String appProtocol, String portName) {
    String said = appProtocol.isEmpty() ? portName : appProtocol;
    return switch (said.toLowerCase(Locale.ROOT)) {
      case "kubernetes.io/h2c", "http2", "h2c", "grpc" -> HTTP2;
      case String name when name.startsWith("grpc-") || name.startsWith("http2-") -> HTTP2;
      default -> HTTP1;
    };
  }
}
