// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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
