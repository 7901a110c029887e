// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * The TCP connections of a process' network namespace as the kernel has them, in /proc/PID/net/tcp
 * and tcp6; see proc_pid_net(5).
 */
record TcpTable(List<Entry> entries) {
  private static final String ESTABLISHED = "01";

  /** One established connection. */
  record Entry(InetSocketAddress local, InetSocketAddress remote) {}

  static TcpTable of(long pid) throws IOException {
    List<Entry> entries = new ArrayList<>();
    for (String table : List.of("tcp", "tcp6")) {
      try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/net/" + table))) {
        lines.skip(1).map(line -> line.strip().split("\\s+", -1)).forEach(f -> add(entries, f));
      }
    }
    return new TcpTable(entries);
  }

  private static void add(List<Entry> entries, String[] fields) {
    if (fields[3].equals(ESTABLISHED)) {
      entries.add(new Entry(address(fields[1]), address(fields[2])));
    }
  }

  /** {@code 0100007F:3A99}: words of the address in host order, the port as a number. */
  static InetSocketAddress address(String text) {
    int colon = text.indexOf(':');
    ByteBuffer words = ByteBuffer.wrap(HexFormat.of().parseHex(text, 0, colon));
    ByteBuffer ip = ByteBuffer.allocate(words.limit()).order(ByteOrder.nativeOrder());
    while (words.hasRemaining()) {
      ip.putInt(words.getInt());
    }
    try {
      int port = Integer.parseInt(text.substring(colon + 1), 16);
      return new InetSocketAddress(InetAddress.getByAddress(ip.array()), port);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(text, e);
    }
  }

  /** The connection from this local port, as an app that opened it would look for it. */
  Stream<Entry> fromLocalPort(int port) {
    return entries.stream().filter(entry -> entry.local().getPort() == port);
  }
}
