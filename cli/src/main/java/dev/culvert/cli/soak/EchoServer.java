// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.soak;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The app of one pod: greets with the pod's name, then sends back what comes. */
final class EchoServer {
  /** Bytes of the greeting, filled up with spaces. */
  static final int GREETING = 32;

  private static final int BUFFER = 64 * 1024;

  private final byte[] greeting;
  private final ServerSocketChannel server;
  private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();

  private EchoServer(String pod, ServerSocketChannel server) {
    this.greeting = "%-32s".formatted(pod).getBytes(StandardCharsets.US_ASCII);
    this.server = server;
  }

  static EchoServer start(String pod, String netns) throws IOException {
    EchoServer echo =
        new EchoServer(
            pod,
            InNamespace.make(
                netns,
                () -> ServerSocketChannel.open().bind(new InetSocketAddress(SoakApps.PORT), 128)));
    Thread.startVirtualThread(echo::acceptAll);
    return echo;
  }

  private void acceptAll() {
    try {
      while (true) {
        SocketChannel connection = server.accept();
        open.add(connection);
        Thread.startVirtualThread(() -> echo(connection));
      }
    } catch (IOException e) {
      // The pod is stopped.
    }
  }

  private void echo(SocketChannel connection) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    try (connection) {
      connection.setOption(StandardSocketOptions.TCP_NODELAY, true);
      write(connection, buffer.put(greeting));
      while (connection.read(buffer) >= 0) {
        write(connection, buffer);
      }
    } catch (IOException e) {
      // The client's side tells of it.
    } finally {
      open.remove(connection);
    }
  }

  private static void write(SocketChannel connection, ByteBuffer buffer) throws IOException {
    buffer.flip();
    while (buffer.hasRemaining()) {
      connection.write(buffer);
    }
    buffer.clear();
  }

  /** Takes no more, and closes what is open. */
  void close() throws IOException {
    server.close();
    for (SocketChannel connection : open) {
      connection.close();
    }
  }
}
