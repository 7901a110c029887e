// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import dev.culvert.ztunnel.hbone.InboundConnect;
import dev.culvert.ztunnel.hbone.ServerTunnels;
import dev.culvert.ztunnel.hbone.TunnelSettings;
import dev.culvert.ztunnel.identity.WorkloadCertificate;
import dev.culvert.ztunnel.peers.OutcomeMeter;
import dev.culvert.ztunnel.transport.Listeners;
import dev.culvert.ztunnel.transport.PodSockets;
import dev.culvert.ztunnel.transport.Relay;
import dev.culvert.ztunnel.transport.TcpConnections;
import dev.culvert.ztunnel.transport.TcpHalf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** The gateway of a network: ends a tunnel and hands what is in it to one pod's port 15008. */
final class TestGateway implements AutoCloseable {
  private final Queue<InetSocketAddress> asked = new ConcurrentLinkedQueue<>();
  private final PodSockets sockets;
  private final InetSocketAddress behind;
  private final Channel listener;

  TestGateway(
      InetAddress address,
      PodSockets sockets,
      EventLoopGroup workers,
      WorkloadCertificate certificate,
      InetAddress behind) {
    this.sockets = sockets;
    this.behind = new InetSocketAddress(behind, 15008);
    this.listener =
        new Listeners(sockets, workers)
            .listenForTunnels(address, 15008, channel -> accept(channel, certificate))
            .join();
  }

  private void accept(SocketChannel channel, WorkloadCertificate certificate) {
    ServerTunnels.secure(
        channel,
        certificate,
        TunnelSettings.standard(),
        peer -> connect -> forward(channel.eventLoop(), connect),
        problem -> {
          var _ = channel.close();
        });
    channel.config().setAutoRead(true);
  }

  private void forward(EventLoop loop, InboundConnect connect) {
    asked.add(connect.target());
    try {
      SocketChannel channel = sockets.socket(behind.getAddress());
      TcpHalf server = new TcpHalf(channel, active -> {});
      TcpConnections.connect(loop, channel, behind, Duration.ofSeconds(10), server)
          .addListener(
              done -> {
                if (done.isSuccess()) {
                  Relay.start(connect.accept(""), server, new OutcomeMeter(_ -> {}), () -> {});
                } else {
                  connect.refuse(InboundConnect.UNREACHABLE);
                }
              });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What it was asked for. */
  Queue<InetSocketAddress> asked() {
    return asked;
  }

  @Override
  public void close() {
    listener.close().syncUninterruptibly();
  }
}
