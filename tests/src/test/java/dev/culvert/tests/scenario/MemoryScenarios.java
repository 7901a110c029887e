// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.AppServer.Service;
import dev.culvert.tests.app.Pattern;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshProcess;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What both proxies hold when nobody reads what is sent through them. */
abstract class MemoryScenarios {
  private static final long MIB = 1024 * 1024;
  private static final int CONNECTIONS = 64;
  private static final long OFFERED = 16 * MIB;

  /** One tunnel for each event loop of the source's proxy, and so much unread in each. */
  private static final long WINDOWS = 2 * 16 * MIB;

  /** Beside that, each connection may have read a batch that cannot go on. */
  private static final long BATCHES = CONNECTIONS * 256 * 1024L;

  /** Twice, since a buffer is larger than what is in it, and what the Java heap may grow by. */
  private static final long BOUND = 2 * (WINDOWS + BATCHES) + 64 * MIB;

  private final Mesh mesh;

  MemoryScenarios(Mesh mesh) {
    this.mesh = mesh;
  }

  @Test
  void slowReadersCostNoMoreThanTheWindows() throws Exception {
    MeshProcess source = mesh.processes().ztunnelOf(mesh.client());
    MeshProcess destination = mesh.processes().ztunnelOf(mesh.server());
    var gate = new CountDownLatch(1);
    var receipts = new ConcurrentLinkedQueue<Pattern.Receipt>();
    var taken = new AtomicLong();
    int port = mesh.nextPort();
    List<AppConnection> open = new ArrayList<>();
    try (AppServer _ = mesh.server().serve(port, readLater(gate, receipts))) {
      long sourceBefore = source.residentBytes();
      long destinationBefore = destination.residentBytes();
      for (int i = 0; i < CONNECTIONS; i++) {
        open.add(mesh.client().connect(mesh.server().at(port)));
      }
      List<Thread> senders = open.stream().map(app -> send(app, taken)).toList();
      Await.until("the senders are held back", new Standstill(taken)::reached);
      assertThat(taken.get()).as("taken from the senders").isLessThan(CONNECTIONS * OFFERED);
      assertThat(source.residentBytes() - sourceBefore).as("at the source").isLessThan(BOUND);
      assertThat(destination.residentBytes() - destinationBefore)
          .as("at the destination")
          .isLessThan(BOUND);
      gate.countDown();
      for (Thread sender : senders) {
        sender.join();
      }
      Await.until("all has arrived", () -> receipts.size() == CONNECTIONS);
      assertThat(receipts).containsOnly(Pattern.expected(OFFERED));
    } finally {
      gate.countDown();
      for (AppConnection connection : open) {
        connection.close();
      }
    }
  }

  private static Service readLater(
      CountDownLatch gate, ConcurrentLinkedQueue<Pattern.Receipt> receipts) {
    return connection -> {
      var receipt = new CompletableFuture<Pattern.Receipt>();
      Services.readWhenOpened(gate, receipt).serve(connection);
      receipts.add(receipt.join());
    };
  }

  private static Thread send(AppConnection app, AtomicLong taken) {
    return Thread.ofVirtual()
        .start(
            () -> {
              try {
                Pattern.send(app, OFFERED, taken);
                app.finish();
              } catch (IOException e) {
                throw new AssertionError("the stream broke", e);
              }
            });
  }
}
