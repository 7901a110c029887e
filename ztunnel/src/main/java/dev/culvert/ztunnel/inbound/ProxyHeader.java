// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.inbound;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageEncoder;
import io.netty.handler.codec.haproxy.HAProxyProtocolVersion;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol;
import io.netty.handler.codec.haproxy.HAProxyTLV;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;

/**
 * The first bytes of a connection to an app that is to be told of its client by the PROXY protocol,
 * version 2. As Istio's ztunnel does, the client's identity is in a field of type 0xD0.
 */
final class ProxyHeader {
  /** The first of the types that applications may give a meaning to (PROXY protocol 2.2.7). */
  private static final byte SOURCE_IDENTITY = (byte) 0xD0;

  private ProxyHeader() {}

  /** Sends it, before all else is sent. On the event loop of the channel, which is connected. */
  static void send(Channel app, Introduction.ByHeader introduction) {
    app.pipeline().addFirst(HAProxyMessageEncoder.INSTANCE);
    var _ = app.writeAndFlush(message(introduction));
    app.pipeline().remove(HAProxyMessageEncoder.INSTANCE);
  }

  private static HAProxyMessage message(Introduction.ByHeader introduction) {
    InetAddress client = introduction.client().getAddress();
    InetAddress asked = introduction.asked().getAddress();
    boolean ipv4 = client instanceof Inet4Address && asked instanceof Inet4Address;
    ByteBuf identity = Unpooled.copiedBuffer(introduction.identity().toString(), US_ASCII);
    return new HAProxyMessage(
        HAProxyProtocolVersion.V2,
        HAProxyCommand.PROXY,
        ipv4 ? HAProxyProxiedProtocol.TCP4 : HAProxyProxiedProtocol.TCP6,
        ipv4 ? client.getHostAddress() : ipv6(client),
        ipv4 ? asked.getHostAddress() : ipv6(asked),
        introduction.client().getPort(),
        introduction.asked().getPort(),
        List.of(new HAProxyTLV(SOURCE_IDENTITY, identity)));
  }

  /** The header has one family for both: an address of IPv4 is told in its form for IPv6. */
  private static String ipv6(InetAddress address) {
    return address instanceof Inet4Address
        ? "::ffff:" + address.getHostAddress()
        : address.getHostAddress();
  }
}
