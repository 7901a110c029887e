// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.policy.resource.Resources;
import dev.culvert.waypoint.authenticate.KeySources;
import dev.culvert.waypoint.authorize.ForwardedFor;
import dev.culvert.waypoint.authorize.Inquiries;
import dev.culvert.waypoint.route.Backends;
import dev.culvert.waypoint.route.Closed;
import dev.culvert.waypoint.stream.Streams;
import java.util.List;

/**
 * What Gateways are worked out in.
 *
 * @param className the GatewayClass whose Gateways are served
 * @param backends that routes may name
 * @param forwardedFor who tells policies where a client is
 * @param keys by which tokens are proved
 * @param inquiries of those whom policies ask
 * @param streams carries connections that nobody looks into
 * @param rootNamespaces policies there can be for the whole mesh
 * @param closed beside what can be read
 */
public record Surroundings(
    String className,
    BackendSource backends,
    ForwardedFor forwardedFor,
    KeySources keys,
    Inquiries inquiries,
    Streams streams,
    List<String> rootNamespaces,
    Closed closed) {
  /** Finds the backends of resources. */
  @FunctionalInterface
  public interface BackendSource {
    /**
     * Those that routes of these resources may name.
     *
     * @param problems to which what has no effect is added
     */
    Backends of(Resources files, List<String> problems);
  }

  public Surroundings {
    rootNamespaces = List.copyOf(rootNamespaces);
  }
}
