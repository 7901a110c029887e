// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.lab;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** Sends every byte back, in order, until the client ends its half. */
final class EchoApp {
  private static final int BUFFER = 64 * 1024;

  private EchoApp() {}

  static void listen(LabPlace place, int port) throws IOException {
    ServerSocketChannel server =
        place.call(() -> ServerSocketChannel.open().bind(new InetSocketAddress(port), 128));
    Thread.ofPlatform().name("echo").start(() -> acceptAll(server));
  }

  private static void acceptAll(ServerSocketChannel server) {
    try {
      while (true) {
        SocketChannel connection = server.accept();
        Thread.startVirtualThread(() -> echo(connection));
      }
    } catch (IOException e) {
      System.out.println("echo ends: " + e.getMessage());
    }
  }

  private static void echo(SocketChannel connection) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    try (connection) {
      connection.setOption(StandardSocketOptions.TCP_NODELAY, true);
      while (connection.read(buffer) >= 0) {
        buffer.flip();
        while (buffer.hasRemaining()) {
          connection.write(buffer);
        }
        buffer.clear();
      }
    } catch (IOException e) {
      System.out.println("echo connection ends: " + e.getMessage());
    }
  }
}
