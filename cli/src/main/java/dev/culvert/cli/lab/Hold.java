// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.lab;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** Holds a connection and says when it ends: {@code closed at=MILLIS} of the machine's clock. */
final class Hold {
  private Hold() {}

  static void run(SocketChannel connection) throws IOException {
    Thread.ofPlatform().daemon().start(() -> endWithInput(connection));
    ByteBuffer one = ByteBuffer.allocate(1);
    try {
      connection.write(one);
      one.clear();
      if (connection.read(one) == 1) {
        LabClient.say("echoed");
      }
      one.clear();
      int end = connection.read(one);
      LabClient.say(
          "closed at=%d by=%s".formatted(System.currentTimeMillis(), end < 0 ? "end" : "data"));
    } catch (IOException e) {
      LabClient.say(
          "closed at=%d by=%s"
              .formatted(System.currentTimeMillis(), e.getMessage().replace(' ', '-')));
    }
  }

  private static void endWithInput(SocketChannel connection) {
    try {
      while (System.in.read() >= 0) {
        LabClient.say("told");
      }
      connection.close();
    } catch (IOException e) {
      LabClient.say("input: %s".formatted(e.getMessage()));
    }
  }
}
