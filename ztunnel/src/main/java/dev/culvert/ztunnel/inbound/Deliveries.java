// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.inbound;

import dev.culvert.ztunnel.authz.Authorizer;
import dev.culvert.ztunnel.authz.OpenConnections;
import java.time.Duration;

/**
 * Starts the connections to this node's apps.
 *
 * @param connectTimeout until the app must have taken a connection
 */
public record Deliveries(
    Authorizer authorizer, OpenConnections openConnections, Duration connectTimeout) {

  /** Judges the connection and, if it may be, connects the app. On the request's event loop. */
  public void deliver(Delivery.Request request, Delivery.Client client) {
    new Delivery(this, request, client).begin();
  }
}
