// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.waypoint.authenticate.KeySources;
import dev.culvert.waypoint.authorize.ForwardedFor;
import dev.culvert.waypoint.authorize.Inquiries;
import dev.culvert.waypoint.stream.Streams;
import java.util.List;

/**
 * What Gateways are worked out in, whatever their configuration.
 *
 * @param className the GatewayClass whose Gateways are served
 * @param forwardedFor who tells policies where a client is
 * @param keys by which tokens are proved
 * @param inquiries of those whom policies ask
 * @param streams carries connections that nobody looks into
 * @param rootNamespaces policies there can be for the whole mesh
 */
public record Surroundings(
    String className,
    ForwardedFor forwardedFor,
    KeySources keys,
    Inquiries inquiries,
    Streams streams,
    List<String> rootNamespaces) {
  public Surroundings {
    rootNamespaces = List.copyOf(rootNamespaces);
  }
}
