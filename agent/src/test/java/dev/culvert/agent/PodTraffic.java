// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.linux.socket.NetworkNamespace;
import dev.culvert.linux.socket.NioDescriptors;
import dev.culvert.linux.socket.SocketOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** What the applications and the proxy of one pod do. */
final class PodTraffic {
  /** An address in the pod's namespace that is not the pod's. */
  static final InetAddress ELSEWHERE = InetAddress.ofLiteral("198.18.255.1");

  private final NetworkNamespace netns;

  PodTraffic(NetworkNamespace netns) {
    this.netns = netns;
  }

  /** A proxy's listener. */
  ServerSocketChannel proxy(int port) throws Exception {
    return netns.call(
        () -> {
          ServerSocketChannel listener = ServerSocketChannel.open();
          SocketOptions.setMark(NioDescriptors.fd(listener), SocketOptions.MARK);
          return listener.bind(new InetSocketAddress("0.0.0.0", port));
        });
  }

  /** An application's listener. */
  ServerSocketChannel server(int port) throws Exception {
    return netns.call(
        () -> ServerSocketChannel.open().bind(new InetSocketAddress("0.0.0.0", port)));
  }

  /** An application connects. */
  SocketChannel connect(InetAddress ip, int port) throws Exception {
    return netns.call(() -> SocketChannel.open(new InetSocketAddress(ip, port)));
  }

  /** A packet of somebody else, who is not of the pod: marked, so that nothing captures it. */
  SocketChannel connectFromElsewhere(InetAddress ip, int port) throws Exception {
    return netns.call(
        () -> {
          SocketChannel channel = SocketChannel.open();
          SocketOptions.setMark(NioDescriptors.fd(channel), SocketOptions.MARK);
          channel.bind(new InetSocketAddress(ELSEWHERE, 0));
          channel.socket().connect(new InetSocketAddress(ip, port), 500);
          return channel;
        });
  }

  /** What an application opens comes to the proxy, which learns where it was to go. */
  void assertCaptured() throws Exception {
    try (ServerSocketChannel proxy = proxy(15001);
        SocketChannel app = connect(ELSEWHERE, 80);
        SocketChannel accepted = proxy.accept()) {
      assertThat(app.isConnected()).isTrue();
      assertThat(originalDestination(accepted)).isEqualTo(new InetSocketAddress(ELSEWHERE, 80));
    }
  }

  /** It comes to where it was to go. */
  void assertDirect() throws Exception {
    try (ServerSocketChannel server = server(80);
        SocketChannel app = connect(ELSEWHERE, 80);
        SocketChannel accepted = server.accept()) {
      assertThat(app.isConnected() && accepted.isConnected()).isTrue();
    }
  }

  static InetSocketAddress originalDestination(SocketChannel accepted) throws IOException {
    return SocketOptions.originalDestination(NioDescriptors.fd(accepted));
  }
}
