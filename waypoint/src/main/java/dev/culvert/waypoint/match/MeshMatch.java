// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.match;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.waypoint.exchange.Exchange;
import dev.culvert.waypoint.exchange.Phase;
import java.util.Map;

/**
 * Finds the rule that takes a request to a service: among the routes of the client's own namespace
 * if that has any for the service, else among those of the service's (Gateway API, GEP-1426,
 * consumer and producer routes).
 */
public final class MeshMatch implements Phase {
  private final Map<String, Match> consumers;
  private final Match producer;

  /**
   * @param consumers by the namespace of their clients
   * @param producer for all others
   */
  public MeshMatch(Map<String, Match> consumers, Match producer) {
    this.consumers = Map.copyOf(consumers);
    this.producer = producer;
  }

  @Override
  public Step run(Exchange exchange) {
    if (consumers.isEmpty()) {
      return producer.run(exchange);
    }
    String namespace = exchange.connection().identity().flatMap(SpiffeId::namespace).orElse("");
    return consumers.getOrDefault(namespace, producer).run(exchange);
  }
}
