// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.policy.authz.request.RequestPolicies;
import dev.culvert.waypoint.accept.ClientConnection;
import dev.culvert.waypoint.stream.PassageClient;
import dev.culvert.ztunnel.hbone.Baggage;
import dev.culvert.ztunnel.hbone.InboundConnect;
import dev.culvert.ztunnel.telemetry.ConnectionInfo;
import dev.culvert.ztunnel.telemetry.Outcome;
import dev.culvert.ztunnel.telemetry.ResponseFlag;
import dev.culvert.ztunnel.transport.Half;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * A client in a tunnel, which is answered when its endpoint has answered. It counts as a stream of
 * this waypoint until it is over.
 *
 * @param info what is told of it until its endpoint is known
 */
record TunnelClient(
    WaypointInputs inputs,
    InboundConnect connect,
    ClientConnection connection,
    Asked asked,
    ConnectionInfo info)
    implements PassageClient {

  @Override
  public Optional<Outcome> forbidden() {
    return inputs
        .served()
        .closed(asked, connection)
        .map(problem -> Outcome.failed(ResponseFlag.DENY, problem));
  }

  @Override
  public Optional<RequestPolicies> policies() {
    return Optional.of(inputs.served().connections(asked));
  }

  @Override
  public boolean isGone() {
    return connect.isGone();
  }

  @Override
  public Half accept() {
    return connect.accept(inputs.self().workload(inputs.mesh()).map(Baggage::format).orElse(""));
  }

  @Override
  public void refuse(Outcome outcome) {
    connect.refuse(
        outcome.flag() == ResponseFlag.DENY ? InboundConnect.DENIED : InboundConnect.UNREACHABLE);
  }

  @Override
  public void over() {
    inputs.share().endStream();
  }

  @Override
  public ConnectionInfo info(InetSocketAddress destination) {
    return new ConnectionInfo(
        info.direction(),
        info.security(),
        info.source(),
        destination,
        info.asked(),
        info.hboneAddress(),
        info.sourceWorkload(),
        info.destinationWorkload(),
        info.service(),
        info.sourceIdentity(),
        info.destinationIdentity());
  }
}
