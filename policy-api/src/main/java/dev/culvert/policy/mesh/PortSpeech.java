// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.mesh;

import dev.culvert.policy.resource.RouteResource;
import java.util.Collection;
import java.util.List;

/**
 * What is said of the port of a service, as far as the routes that are attached to it must know.
 */
public enum PortSpeech {
  /** Nothing: what routes are attached to it decides. */
  UNSAID,
  /** HTTP of any version. */
  REQUESTS,
  /** TLS. */
  TLS,
  /** Anything else, in which the server may speak first. */
  BYTES;

  private static final List<String> MOST_SPECIFIC_FIRST =
      List.of("GRPCRoute", "HTTPRoute", "TLSRoute", "TCPRoute");

  /** Whether routes of a kind can be for the port. */
  public boolean takes(String kind) {
    return switch (kind) {
      case "GRPCRoute", "HTTPRoute" -> this == UNSAID || this == REQUESTS;
      case "TLSRoute" -> this == UNSAID || this == TLS;
      case "TCPRoute" -> true;
      default -> false;
    };
  }

  /**
   * Which routes count of those that one namespace attached to the port: of several kinds the most
   * specific one alone (Gateway API, GEP-1426, route types).
   */
  public <T extends RouteResource> List<T> counting(Collection<T> attached) {
    for (String kind : MOST_SPECIFIC_FIRST) {
      List<T> ofKind = attached.stream().filter(route -> route.kind().equals(kind)).toList();
      if (takes(kind) && !ofKind.isEmpty()) {
        return ofKind;
      }
    }
    return List.of();
  }
}
