// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.linux.errno.ErrnoException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SocketNamesTest {
  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void bothEndsOfAConnection(String loopback) throws IOException {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getByName(loopback), 0);
    try (ServerSocketChannel server = ServerSocketChannel.open().bind(any);
        SocketChannel client = SocketChannel.open(server.getLocalAddress())) {
      int fd = NioDescriptors.fd(client);
      assertThat(SocketNames.peer(fd)).isEqualTo(server.getLocalAddress());
      assertThat(SocketNames.local(fd)).isEqualTo(client.getLocalAddress());
    }
  }

  @Test
  void unconnectedSocketHasNoPeer() throws IOException {
    try (SocketChannel client = SocketChannel.open()) {
      assertThatThrownBy(() -> SocketNames.peer(NioDescriptors.fd(client)))
          .isInstanceOf(ErrnoException.class)
          .hasMessageContaining("ENOTCONN");
    }
  }
}
