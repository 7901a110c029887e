// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.stream;

import dev.culvert.policy.authz.request.RequestPolicies;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.waypoint.accept.ClientConnection;
import dev.culvert.waypoint.accept.ConnectionTaker;
import dev.culvert.ztunnel.transport.Half;
import dev.culvert.ztunnel.transport.TcpHalf;
import io.netty.channel.ChannelInboundHandler;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Carries connections to the backends of their routes, as policy allows. Any loop. */
public final class Streams {
  private static final WriteBufferWaterMark WAITING =
      new WriteBufferWaterMark(64 * 1024, 256 * 1024);

  private final Carriers carriers;
  private volatile Map<ResourceKey, RequestPolicies> policies = Map.of();

  public Streams(Carriers carriers) {
    this.carriers = carriers;
  }

  /**
   * From now on these policies judge the connections of Gateways; what is open and forbidden by
   * them ends.
   */
  public void govern(Map<ResourceKey, RequestPolicies> next) {
    policies = Map.copyOf(next);
    carriers.open().judge();
  }

  /**
   * Takes connections of any protocol.
   *
   * @param plan of each connection when it comes
   */
  public ConnectionTaker tcp(Supplier<StreamPlan> plan) {
    return (channel, client) -> take(channel, client, plan.get(), false);
  }

  /** Takes connections whose TLS their backend ends. */
  public ConnectionTaker tls(StreamPlan plan) {
    return (channel, client) -> take(channel, client, plan, true);
  }

  /** Takes connections whose TLS was ended. */
  public ConnectionTaker withinTls(StreamPlan plan) {
    return (channel, client) -> {
      channel.config().setAutoRead(false);
      TlsHalf half = new TlsHalf(channel);
      begin(channel, half, half, client, plan, false);
    };
  }

  private void take(
      SocketChannel channel, ClientConnection connection, StreamPlan plan, boolean inTls) {
    channel.config().setAutoRead(false).setAllowHalfClosure(true);
    TcpHalf half = new TcpHalf(channel, active -> {});
    begin(channel, half, half, connection, plan, inTls);
  }

  private void begin(
      SocketChannel channel,
      Half client,
      ChannelInboundHandler handler,
      ClientConnection connection,
      StreamPlan plan,
      boolean inTls) {
    channel.config().setWriteBufferWaterMark(WAITING);
    channel.pipeline().addLast("passage", handler);
    DoorClient door = new DoorClient(this, channel, client, connection, plan);
    new Passage(carriers, door, plan.route(), inTls).begin();
  }

  /** Nothing where its Gateway is not served any more; what is open goes on then. */
  Optional<RequestPolicies> policies(StreamPlan plan) {
    return Optional.ofNullable(policies.get(plan.gateway()));
  }
}
