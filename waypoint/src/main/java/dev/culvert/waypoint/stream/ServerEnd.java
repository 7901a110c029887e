// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.stream;

import dev.culvert.ztunnel.transport.Half;
import dev.culvert.ztunnel.transport.TcpHalf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.SocketChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The other end of a passage, which is there when its channel is. On the event loop. */
final class ServerEnd extends ChannelInitializer<Channel> {
  private final boolean secure;
  private @Nullable Half half;

  /**
   * @param secure whether TLS is begun in it
   */
  ServerEnd(boolean secure) {
    this.secure = secure;
  }

  @Override
  protected void initChannel(Channel channel) {
    if (secure) {
      TlsHalf end = new TlsHalf(channel);
      half = end;
      channel.pipeline().addLast(end);
    } else {
      SocketChannel socket = (SocketChannel) channel;
      TcpHalf end = new TcpHalf(socket, active -> {});
      half = end;
      socket.config().setAutoRead(false).setAllowHalfClosure(true);
      channel.pipeline().addLast(end);
    }
  }

  /** It, once the channel was connected. */
  Half half() {
    return Objects.requireNonNull(half, "not connected");
  }
}
