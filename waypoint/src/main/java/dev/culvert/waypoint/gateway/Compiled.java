// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.policy.authz.request.RequestPolicies;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.waypoint.accept.ProxySources;
import dev.culvert.waypoint.accept.TlsEnd;
import dev.culvert.waypoint.match.Match;
import dev.culvert.waypoint.stream.StreamPlan;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * What resources come to.
 *
 * @param ports by number
 * @param connections what judges those that nobody looks into, by Gateway
 * @param problems what has no effect, and why
 */
public record Compiled(
    SortedMap<Integer, Port> ports,
    Map<ResourceKey, RequestPolicies> connections,
    List<String> problems) {

  /**
   * A port and what its requests go through.
   *
   * @param kind what is spoken there
   * @param match of requests
   * @param ends who ends TLS, by host name in lower case, exact or with the first label {@code *};
   *     nobody on a port without TLS
   * @param stream what becomes of connections that nobody looks into; null where there are none
   * @param balancers that all its connections come from; empty where clients come themselves
   * @param names of its listeners
   */
  public record Port(
      Kind kind,
      Match match,
      Map<String, TlsEnd> ends,
      @Nullable StreamPlan stream,
      Optional<ProxySources> balancers,
      Set<String> names) {}

  /** What is spoken at a port. */
  public enum Kind {
    HTTP,
    TLS,
    TCP
  }
}
