// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import dev.culvert.policy.mesh.PortSpeech;
import dev.culvert.policy.resource.ServicePort;
import dev.culvert.policy.wire.workload.AppProtocol;
import java.util.Locale;

/** What a port speaks: from its appProtocol, else from what its name starts with. */
public final class AppProtocols {
  private AppProtocols() {}

  static AppProtocol of(ServicePort port) {
    String written = port.appProtocol().toLowerCase(Locale.ROOT);
    return written.isEmpty() ? named(port.name().split("-", 2)[0]) : named(written);
  }

  /** The same, as far as routes of the port must know. */
  public static PortSpeech speech(ServicePort port) {
    return switch (of(port)) {
      case HTTP11, HTTP2, GRPC -> PortSpeech.REQUESTS;
      case TCP -> PortSpeech.BYTES;
      case TLS -> PortSpeech.TLS;
      case UNKNOWN, UNRECOGNIZED -> PortSpeech.UNSAID;
    };
  }

  private static AppProtocol named(String protocol) {
    return switch (protocol) {
      case "http", "kubernetes.io/ws" -> AppProtocol.HTTP11;
      case "http2", "h2c", "kubernetes.io/h2c" -> AppProtocol.HTTP2;
      case "grpc" -> AppProtocol.GRPC;
      case "tcp" -> AppProtocol.TCP;
      case "tls", "https", "kubernetes.io/wss" -> AppProtocol.TLS;
      default -> AppProtocol.UNKNOWN;
    };
  }
}
