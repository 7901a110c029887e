// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.stream;

import dev.culvert.policy.authz.request.RequestPolicies;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.waypoint.accept.ClientConnection;
import dev.culvert.waypoint.plan.Party;
import dev.culvert.ztunnel.telemetry.ConnectionInfo;
import dev.culvert.ztunnel.telemetry.Outcome;
import dev.culvert.ztunnel.transport.Half;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A client that a test plays. */
final class PlayedClient implements PassageClient {
  static final InetSocketAddress ADDRESS = new InetSocketAddress("198.18.0.1", 443);

  private final EventLoop loop;
  final PlayedHalf half = new PlayedHalf();
  final List<Outcome> refused = new ArrayList<>();
  Optional<String> name = Optional.empty();
  Optional<String> judgedName = Optional.empty();
  Optional<Outcome> forbidden = Optional.empty();
  boolean accepted;
  int over;

  PlayedClient(EventLoop loop) {
    this.loop = loop;
  }

  /** The same, that asks for a name. */
  PlayedClient asking(Optional<String> wanted) {
    name = wanted;
    return this;
  }

  @Override
  public ClientConnection connection() {
    return new ClientConnection(
        loop,
        ADDRESS,
        ADDRESS,
        Optional.of(SpiffeId.parse("spiffe://cluster.local/ns/shop/sa/client")),
        false,
        name,
        Party.UNKNOWN);
  }

  @Override
  public Optional<Outcome> forbidden() {
    judgedName = name;
    return forbidden;
  }

  @Override
  public Optional<RequestPolicies> policies() {
    return Optional.empty();
  }

  @Override
  public boolean isGone() {
    return false;
  }

  @Override
  public Half accept() {
    accepted = true;
    return half;
  }

  @Override
  public void refuse(Outcome outcome) {
    refused.add(outcome);
  }

  @Override
  public void over() {
    over++;
  }

  @Override
  public ConnectionInfo info(InetSocketAddress destination) {
    return ToldOutcomes.info(destination);
  }
}
