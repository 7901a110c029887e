// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.resource.HttpRouteResource.BackendRef;
import dev.culvert.policy.resource.HttpRouteResource.ParentRef;
import dev.culvert.policy.route.Hostname;
import java.util.List;

/**
 * A TLSRoute or TCPRoute of the Gateway API ({@code gateway.networking.k8s.io}): connections that
 * are carried as they are.
 *
 * @param kind TLSRoute or TCPRoute
 * @param parents what it is attached to
 * @param hostnames server names that are asked for in the handshake; none means every one of the
 *     parent
 * @param rules at least one
 */
public record StreamRouteResource(
    ObjectMeta metadata,
    String kind,
    List<ParentRef> parents,
    List<Hostname> hostnames,
    List<Rule> rules)
    implements RouteResource {

  /** Where connections go. */
  public record Rule(String name, List<BackendRef> backends) {
    public Rule {
      backends = List.copyOf(backends);
    }
  }

  public StreamRouteResource {
    parents = List.copyOf(parents);
    hostnames = List.copyOf(hostnames);
    rules = List.copyOf(rules);
  }
}
