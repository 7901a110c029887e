// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import dev.culvert.waypoint.exchange.Exchange;
import dev.culvert.waypoint.exchange.LocalAnswer;
import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.http.ResponseFlag;
import dev.culvert.waypoint.plan.RoutePlan;

/** The last phase: sends the request to a backend of its rule. */
public final class Forward implements Phase {
  private final LoopPools pools;
  private final ClientCert clientCert;
  private final boolean proxiesAsk;

  /**
   * @param clientCert whether backends are told who the client is
   * @param proxiesAsk whether a client that proved who it is may be a proxy of the mesh, whose word
   *     on its own clients counts
   */
  public Forward(LoopPools pools, ClientCert clientCert, boolean proxiesAsk) {
    this.pools = pools;
    this.clientCert = clientCert;
    this.proxiesAsk = proxiesAsk;
  }

  @Override
  public Step run(Exchange exchange) {
    RoutePlan plan = exchange.findings().plan();
    if (plan == null) {
      exchange.answer(LocalAnswer.of(404, ResponseFlag.NO_ROUTE, "no route takes the request"));
    } else {
      ProxyHeaders.add(exchange, clientCert, proxiesAsk);
      new Forwarding(exchange, plan, pools.of(exchange.connection().loop())).begin();
    }
    return Step.ANSWERED;
  }
}
