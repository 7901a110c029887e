// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.stream;

import dev.culvert.policy.authz.request.RequestPolicies;
import dev.culvert.waypoint.accept.ClientConnection;
import dev.culvert.ztunnel.telemetry.ConnectionInfo;
import dev.culvert.ztunnel.telemetry.Outcome;
import dev.culvert.ztunnel.transport.Half;
import java.net.InetSocketAddress;
import java.util.Optional;

/** A client that was accepted to see how it begins: it can only be reset. */
record AcceptedClient(PassageClient client, PeekedHalf half) implements PassageClient {
  @Override
  public ClientConnection connection() {
    return client.connection();
  }

  @Override
  public Optional<Outcome> closed() {
    return client.closed();
  }

  @Override
  public Optional<Outcome> forbidden() {
    return client.forbidden();
  }

  @Override
  public Optional<RequestPolicies> policies() {
    return client.policies();
  }

  @Override
  public boolean isGone() {
    return half.isBroken();
  }

  @Override
  public Half accept() {
    return half;
  }

  @Override
  public void refuse(Outcome outcome) {
    half.reset();
  }

  @Override
  public void over() {
    client.over();
  }

  @Override
  public ConnectionInfo info(InetSocketAddress destination) {
    return client.info(destination);
  }
}
