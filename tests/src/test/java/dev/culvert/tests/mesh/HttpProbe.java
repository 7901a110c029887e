// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.mesh;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** One GET of a process' own HTTP port on loopback, over a socket made in its namespace. */
final class HttpProbe {
  private HttpProbe() {}

  static boolean ok(SocketChannel channel, int port, String path) throws IOException {
    channel.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
    channel.write(
        US_ASCII.encode(
            "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".formatted(path)));
    ByteBuffer answer = ByteBuffer.allocate(16);
    while (answer.hasRemaining() && channel.read(answer) >= 0) {
      // until the status line's code is there
    }
    return US_ASCII.decode(answer.flip()).toString().startsWith("HTTP/1.1 200");
  }
}
