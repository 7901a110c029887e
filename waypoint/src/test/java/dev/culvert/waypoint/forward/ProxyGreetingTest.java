// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.traffic.ProxyProtocol;
import dev.culvert.waypoint.plan.Bounds;
import dev.culvert.waypoint.plan.Party;
import dev.culvert.waypoint.plan.Protocol;
import dev.culvert.waypoint.plan.SentProxyHeader;
import dev.culvert.waypoint.plan.Target;
import dev.culvert.waypoint.plan.Usage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** On a channel that is open when it gets its handlers, as a stream of a tunnel is. */
class ProxyGreetingTest {
  private static Target target(Optional<SentProxyHeader> header) {
    return new Target(
        new InetSocketAddress("198.18.0.9", 80),
        Protocol.HTTP1,
        Optional.empty(),
        Party.UNKNOWN,
        Bounds.NONE,
        Usage.NONE,
        Optional.empty(),
        header);
  }

  private static InetSocketAddress address(String literal, int port) {
    return new InetSocketAddress(InetAddress.ofLiteral(literal), port);
  }

  /** All that is sent by a handler that speaks as soon as its channel is active. */
  private static String sent(Target target) {
    ChannelInboundHandlerAdapter speaker =
        new ChannelInboundHandlerAdapter() {
          @Override
          public void channelActive(ChannelHandlerContext ctx) {
            var _ = ctx.writeAndFlush(Unpooled.copiedBuffer("I speak first", US_ASCII));
          }
        };
    EmbeddedChannel channel = new EmbeddedChannel(ProxyGreeting.before(speaker, target));
    StringBuilder sent = new StringBuilder();
    for (ByteBuf next = channel.readOutbound(); next != null; next = channel.readOutbound()) {
      sent.append(next.toString(US_ASCII));
      next.release();
    }
    channel.finishAndReleaseAll();
    return sent.toString();
  }

  @Test
  void headerGoesBeforeWhoeverSpeaksFirst() {
    Target wanting = target(Optional.of(SentProxyHeader.own(ProxyProtocol.V1)));
    assertThat(sent(wanting)).isEqualTo("PROXY UNKNOWN\r\nI speak first");
    assertThat(sent(wanting.telling(address("198.18.0.7", 1234), address("198.18.0.1", 443))))
        .isEqualTo("PROXY TCP4 198.18.0.7 198.18.0.1 1234 443\r\nI speak first");
  }

  @Test
  void addressOfAnotherFamilyIsNotTold() {
    Target wanting = target(Optional.of(SentProxyHeader.own(ProxyProtocol.V1)));
    assertThat(sent(wanting.telling(address("fd00:c01::7", 1234), address("198.18.0.1", 443))))
        .isEqualTo("PROXY TCP6 fd00:c01::7 :: 1234 443\r\nI speak first");
    assertThat(sent(wanting.telling(address("198.18.0.7", 1234), address("fd00:c01::1", 443))))
        .isEqualTo("PROXY TCP4 198.18.0.7 0.0.0.0 1234 443\r\nI speak first");
  }

  @Test
  void nothingIsSentToWhoWantsNothing() {
    Target plain = target(Optional.empty());
    assertThat(plain.telling(address("198.18.0.7", 1), address("198.18.0.1", 2))).isSameAs(plain);
    assertThat(sent(plain)).isEqualTo("I speak first");
  }
}
