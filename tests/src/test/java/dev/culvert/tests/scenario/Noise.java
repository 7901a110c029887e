// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.MeshPod;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Connections of one pod over which its app sends without end, as fast as they take it. */
final class Noise implements AutoCloseable {
  private static final int BLOCK = 256 * 1024;

  private record Sender(AppConnection connection, AtomicLong sent) {}

  private final List<Sender> senders = new ArrayList<>();

  /** Begins to send over so many connections. */
  static Noise of(MeshPod pod, InetSocketAddress to, int connections) throws IOException {
    Noise noise = new Noise();
    try {
      for (int i = 0; i < connections; i++) {
        noise.begin(pod.connect(to));
      }
      return noise;
    } catch (IOException e) {
      noise.close();
      throw e;
    }
  }

  private void begin(AppConnection connection) {
    Sender sender = new Sender(connection, new AtomicLong());
    senders.add(sender);
    var _ = Thread.ofVirtual().name("noise").start(() -> send(sender));
  }

  private static void send(Sender sender) {
    ByteBuffer block = ByteBuffer.allocateDirect(BLOCK);
    try {
      while (true) {
        sender.sent().addAndGet(sender.connection().channel().write(block));
        if (!block.hasRemaining()) {
          block.clear();
        }
      }
    } catch (IOException _) {
      // closed by the test, or reset: then it sends no more, which the test looks for
    }
  }

  /** Waits until every connection has sent more. */
  void awaitMore() throws InterruptedException {
    for (Sender sender : senders) {
      long before = sender.sent().get();
      Await.until("the noise goes on", () -> sender.sent().get() > before);
    }
  }

  @Override
  public void close() throws IOException {
    for (Sender sender : senders) {
      sender.connection().reset();
    }
  }
}
