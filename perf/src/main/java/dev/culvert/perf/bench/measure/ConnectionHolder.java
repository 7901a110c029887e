// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.measure;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A program that opens many connections, has each answer one request, and keeps them until its
 * input ends.
 */
public final class ConnectionHolder {
  static final String HELD = "held";
  private static final byte[] REQUEST =
      "GET /64 HTTP/1.1\r\nHost: bench\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final String BODY = "c".repeat(64);

  private ConnectionHolder() {}

  /** Arguments: address, port, count. */
  public static void main(String[] arguments) throws IOException {
    InetSocketAddress to = new InetSocketAddress(arguments[0], Integer.parseInt(arguments[1]));
    int count = Integer.parseInt(arguments[2]);
    List<SocketChannel> connections = new ArrayList<>(count);
    ByteBuffer buffer = ByteBuffer.allocateDirect(4096);
    for (int i = 0; i < count; i++) {
      SocketChannel connection = SocketChannel.open(to);
      ask(connection, buffer);
      connections.add(connection);
    }
    System.out.println(HELD + " " + connections.size());
    while (System.in.read() >= 0) {
      System.out.println("told");
    }
    for (SocketChannel connection : connections) {
      connection.close();
    }
  }

  private static void ask(SocketChannel connection, ByteBuffer buffer) throws IOException {
    connection.write(ByteBuffer.wrap(REQUEST));
    buffer.clear();
    while (!StandardCharsets.US_ASCII.decode(buffer.duplicate().flip()).toString().endsWith(BODY)) {
      if (connection.read(buffer) < 0) {
        throw new EOFException("a connection ended before its answer");
      }
    }
  }
}
