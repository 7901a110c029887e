// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.linux.errno.ErrnoException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import jdk.net.ExtendedSocketOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SocketOptionsTest {
  @Test
  void markOfNioChannelIsReadBack() throws Exception {
    try (SocketChannel channel = SocketChannel.open()) {
      int fd = NioDescriptors.fd(channel);
      assertThat(SocketOptions.mark(fd)).isZero();
      SocketOptions.setMark(fd, SocketOptions.MARK);
      assertThat(SocketOptions.mark(fd)).isEqualTo(0x539);
    }
  }

  @Test
  void cookiesTellSocketsApartAndShareNamespace() throws Exception {
    try (ServerSocketChannel one = ServerSocketChannel.open();
        ServerSocketChannel other = ServerSocketChannel.open();
        NetworkNamespace here = NetworkNamespace.current()) {
      int fd = NioDescriptors.fd(one);
      assertThat(SocketOptions.cookie(fd))
          .isEqualTo(SocketOptions.cookie(fd))
          .isNotEqualTo(SocketOptions.cookie(NioDescriptors.fd(other)));
      assertThat(SocketOptions.namespaceCookie(fd)).isEqualTo(here.cookie());
    }
  }

  @Test
  void connectionThatWasNotCapturedHasNoOriginalDestination() throws Exception {
    try (SocketChannel channel = SocketChannel.open()) {
      int fd = NioDescriptors.fd(channel);
      assertThatThrownBy(() -> SocketOptions.originalDestination(fd))
          .isInstanceOf(ErrnoException.class)
          .hasMessageStartingWith("getsockopt(" + fd + ", IP6T_SO_ORIGINAL_DST)");
    }
  }

  @Test
  void presentPeerOfUnmarkedSocketIsRefused() throws Exception {
    try (SocketChannel channel = SocketChannel.open()) {
      int fd = NioDescriptors.fd(channel);
      InetSocketAddress peer = new InetSocketAddress(InetAddress.getByName("198.18.0.1"), 4711);
      assertThatThrownBy(() -> SocketOptions.presentPeer(fd, peer))
          .isInstanceOf(ErrnoException.class)
          .hasMessageContaining("CULVERT_PRESENT_PEER");
    }
  }

  @Test
  void keepaliveIsSetAsAsked() throws Exception {
    try (SocketChannel channel = SocketChannel.open()) {
      SocketOptions.keepAlive(NioDescriptors.fd(channel), 60, 75, 3);
      assertThat(channel.getOption(StandardSocketOptions.SO_KEEPALIVE)).isTrue();
      assertThat(channel.getOption(ExtendedSocketOptions.TCP_KEEPIDLE)).isEqualTo(60);
      assertThat(channel.getOption(ExtendedSocketOptions.TCP_KEEPINTERVAL)).isEqualTo(75);
      assertThat(channel.getOption(ExtendedSocketOptions.TCP_KEEPCOUNT)).isEqualTo(3);
    }
  }

  /** The routes are those that bring the answers back. */
  @ParameterizedTest
  @CsvSource({"-4, 198.18.77.1, 198.18.77.9", "-6, fd00:c01::77:1, fd00:c01::77:9"})
  void socketSpeaksAsAnother(String family, String own, String other) throws Exception {
    try (TestNamespace namespace = new TestNamespace();
        NetworkNamespace netns = namespace.open();
        ServerSocketChannel server = netns.call(ServerSocketChannel::open);
        SocketChannel client = netns.call(SocketChannel::open);
        SocketChannel plain = netns.call(SocketChannel::open)) {
      String name = namespace.name();
      TestNamespace.ip("-n", name, family, "addr", "add", own, "dev", "lo");
      TestNamespace.ip(
          "-n", name, family, "route", "add", "local", "default", "dev", "lo", "table", "100");
      TestNamespace.ip("-n", name, family, "rule", "add", "to", other, "lookup", "100");
      InetAddress source = InetAddress.ofLiteral(other);
      assertThatThrownBy(() -> plain.bind(new InetSocketAddress(source, 0)))
          .isInstanceOf(BindException.class);

      server.bind(new InetSocketAddress(InetAddress.ofLiteral(own), 0));
      SocketOptions.speakAs(NioDescriptors.fd(client), source);
      client.connect(server.getLocalAddress());
      try (SocketChannel accepted = server.accept()) {
        assertThat(((InetSocketAddress) accepted.getRemoteAddress()).getAddress())
            .isEqualTo(source);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"198.18.1.2", "fd00:c01::5"})
  void addressSurvivesItsEncoding(String ip) throws Exception {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getByName(ip), 65535);
    byte[] encoded = SocketAddresses.encode(address);
    assertThat(SocketAddresses.decode(ByteBuffer.wrap(encoded))).isEqualTo(address);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 15})
  void shortAddressIsRefused(int length) {
    byte[] encoded = new byte[length];
    encoded[0] = 2;
    assertThatThrownBy(() -> SocketAddresses.decode(ByteBuffer.wrap(encoded)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void channelWithoutSocketIsRefused() throws Exception {
    try (FileChannel file = FileChannel.open(Path.of("/proc/self/stat"))) {
      assertThatThrownBy(() -> NioDescriptors.fd(file))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("FileChannelImpl");
    }
  }
}
