// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.lab;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;

/**
 * Times messages of 64 bytes there and back on one connection: {@code rtt count=N p50=NANOS
 * p99=NANOS}.
 */
final class RoundTrips {
  private static final int BYTES = 64;
  private static final int WARM_UP = 2000;
  private static final int COUNT = 2000;

  private RoundTrips() {}

  static void run(SocketChannel connection) throws IOException {
    ByteBuffer message = ByteBuffer.allocateDirect(BYTES);
    for (int i = 0; i < WARM_UP; i++) {
      there(connection, message);
    }
    long[] nanos = new long[COUNT];
    for (int i = 0; i < COUNT; i++) {
      nanos[i] = there(connection, message);
    }
    Arrays.sort(nanos);
    LabClient.say(
        "rtt count=%d p50=%d p99=%d".formatted(COUNT, nanos[COUNT / 2], nanos[COUNT * 99 / 100]));
  }

  private static long there(SocketChannel connection, ByteBuffer message) throws IOException {
    long begin = System.nanoTime();
    message.clear();
    while (message.hasRemaining()) {
      connection.write(message);
    }
    message.clear();
    while (message.hasRemaining()) {
      if (connection.read(message) < 0) {
        throw new EOFException("the connection ended between two round trips");
      }
    }
    return System.nanoTime() - begin;
  }
}
