// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.stream;

import dev.culvert.policy.authz.Verdict;
import dev.culvert.policy.authz.request.RequestPolicies;
import dev.culvert.waypoint.accept.ClientConnection;
import dev.culvert.waypoint.authorize.ConnectionFacts;
import dev.culvert.ztunnel.telemetry.ConnectionInfo;
import dev.culvert.ztunnel.telemetry.Outcome;
import dev.culvert.ztunnel.telemetry.ResponseFlag;
import dev.culvert.ztunnel.transport.Half;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * A client of a front door, which is connected from the start.
 *
 * @param half its end of the connection
 */
record DoorClient(
    Streams streams, Channel channel, Half half, ClientConnection connection, StreamPlan plan)
    implements PassageClient {

  @Override
  public Optional<Outcome> closed() {
    return policies().isPresent()
        ? Optional.empty()
        : Optional.of(
            Outcome.failed(
                ResponseFlag.CONNECT, "%s is not served any more".formatted(plan.gateway())));
  }

  @Override
  public Optional<Outcome> forbidden() {
    return policies().map(known -> known.decide(new ConnectionFacts(connection))).stream()
        .filter(Verdict.Deny.class::isInstance)
        .map(denied -> Outcome.denied((Verdict.Deny) denied))
        .findFirst();
  }

  @Override
  public Optional<RequestPolicies> policies() {
    return streams.policies(plan);
  }

  @Override
  public boolean isGone() {
    return !channel.isActive();
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
  public ConnectionInfo info(InetSocketAddress destination) {
    return new ConnectionInfo(
        ConnectionInfo.Direction.WAYPOINT,
        ConnectionInfo.Security.NONE,
        connection.client(),
        destination,
        connection.local(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        connection.identity(),
        Optional.empty());
  }
}
