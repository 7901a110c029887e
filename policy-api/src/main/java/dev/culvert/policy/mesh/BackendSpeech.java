// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.mesh;

import dev.culvert.policy.resource.ServicePort;
import java.util.Locale;

/**
 * What the port of a service says that is spoken there, for the routes that send to it (Gateway
 * API, GEP-1911; Kubernetes, KEP-3726; Istio's protocol selection). The name of a port is a hint
 * for who carries it, and keeps no route away.
 *
 * @param transport TCP, UDP or SCTP
 * @param appProtocol in lower case; empty when not written
 * @param inTls whether a BackendTLSPolicy is for the port
 */
public record BackendSpeech(String transport, String appProtocol, boolean inTls) {
  /** Of a port that says nothing. */
  public static final BackendSpeech UNSAID = new BackendSpeech("TCP", "", false);

  /** What a port says. */
  public static BackendSpeech of(ServicePort port, boolean inTls) {
    return new BackendSpeech(port.protocol(), port.appProtocol().toLowerCase(Locale.ROOT), inTls);
  }

  /** Whether routes of a kind can send to it. Those of connections carry whatever is in them. */
  public boolean takes(String routeKind) {
    return transport.equals("TCP")
        && switch (routeKind) {
          case "HTTPRoute" -> takesRequests() || takesWebSockets();
          case "GRPCRoute" -> takesRequests();
          default -> true;
        };
  }

  private boolean takesRequests() {
    return switch (appProtocol) {
      case "", "http", "http2", "h2c", "grpc", "grpc-web", "tcp", "kubernetes.io/h2c" -> true;
      case "https", "tls" -> inTls;
      default -> false;
    };
  }

  private boolean takesWebSockets() {
    return switch (appProtocol) {
      case "ws", "kubernetes.io/ws" -> true;
      case "wss", "kubernetes.io/wss" -> inTls;
      default -> false;
    };
  }

  /** Why routes of a kind that it does not take cannot send to it, and what helps. */
  public String problem(String routeKind) {
    if (!transport.equals("TCP")) {
      return "it is a port of %s, and a %s is carried by TCP: name another port"
          .formatted(transport, routeKind);
    }
    return new BackendSpeech(transport, appProtocol, true).takes(routeKind)
        ? "its appProtocol %s is within TLS, and no BackendTLSPolicy is for it: apply one, or correct appProtocol"
            .formatted(appProtocol)
        : "its appProtocol %s is none that a %s is carried in: correct it, or name another port"
            .formatted(appProtocol, routeKind);
  }
}
