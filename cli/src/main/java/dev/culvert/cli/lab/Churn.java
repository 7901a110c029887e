// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.lab;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Busy for a while with connections of all lengths: many of one short message, some of many, and
 * some that move bulk: {@code churned connections=N}.
 */
final class Churn {
  private static final long NANOS = Duration.ofSeconds(20).toNanos();
  private static final int MESSAGE_BYTES = 64;
  private static final int BULK_BYTES = 256 * 1024;

  private final InetSocketAddress server;
  private final long end = System.nanoTime() + NANOS;

  private Churn(InetSocketAddress server) {
    this.server = server;
  }

  static void run(SocketChannel first) throws IOException {
    Churn churn = new Churn((InetSocketAddress) first.getRemoteAddress());
    long connections = 0;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> loops = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        loops.add(threads.submit(() -> churn.messages(1)));
        loops.add(threads.submit(() -> churn.messages(50)));
      }
      loops.add(threads.submit(churn::bulk));
      loops.add(threads.submit(churn::bulk));
      for (Future<Integer> loop : loops) {
        connections += loop.get();
      }
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    LabClient.say("churned connections=%d".formatted(connections));
  }

  /** Connections of so many messages, each answered before the next. */
  private int messages(int exchanges) throws IOException {
    int connections = 0;
    ByteBuffer message = ByteBuffer.allocateDirect(MESSAGE_BYTES);
    while (System.nanoTime() < end) {
      try (SocketChannel connection = connect()) {
        for (int i = 0; i < exchanges; i++) {
          write(connection, message.clear());
          read(connection, message.clear());
        }
      }
      connections++;
    }
    return connections;
  }

  /** One connection, as full as it gets, both ways. */
  private int bulk() throws IOException {
    try (SocketChannel connection = connect()) {
      Thread.startVirtualThread(() -> fill(connection));
      ByteBuffer echo = ByteBuffer.allocateDirect(BULK_BYTES);
      while (connection.read(echo.clear()) >= 0) {
        // Only that it comes counts.
      }
    }
    return 1;
  }

  private void fill(SocketChannel connection) {
    ByteBuffer chunk = ByteBuffer.allocateDirect(BULK_BYTES);
    try {
      while (System.nanoTime() < end) {
        write(connection, chunk.clear());
      }
      connection.shutdownOutput();
    } catch (IOException e) {
      LabClient.say("bulk ends: %s".formatted(e.getMessage()));
    }
  }

  private SocketChannel connect() throws IOException {
    SocketChannel connection = SocketChannel.open(server);
    connection.setOption(StandardSocketOptions.TCP_NODELAY, true);
    return connection;
  }

  private static void write(SocketChannel connection, ByteBuffer message) throws IOException {
    while (message.hasRemaining()) {
      connection.write(message);
    }
  }

  private static void read(SocketChannel connection, ByteBuffer message) throws IOException {
    while (message.hasRemaining()) {
      if (connection.read(message) < 0) {
        throw new EOFException("the connection ended within an exchange");
      }
    }
  }
}
