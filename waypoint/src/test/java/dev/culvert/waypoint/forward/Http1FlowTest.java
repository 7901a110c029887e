// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.peers.Wire;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Who does not read holds who writes, over HTTP/1. */
@ParameterizedClass
@MethodSource("transports")
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // CR LF, and no other end of a line
final class Http1FlowTest extends Http1Case {
  private static final int PARTS = 32 * 1024;

  private static String part(int number) {
    return String.valueOf((char) ('a' + number % 26)).repeat(1000);
  }

  /** Counts what went out. */
  private static void sendParts(Wire to, AtomicLong sent) {
    try {
      for (int i = 0; i < PARTS; i++) {
        to.send("3e8\r\n" + part(i) + "\r\n");
        sent.incrementAndGet();
      }
      to.send("0\r\n\r\n");
    } catch (IOException e) {
      sent.set(-1);
    }
  }

  private static void assertAllInOrder(List<String> chunks) {
    assertThat(chunks).as("some waited together").anyMatch(chunk -> chunk.length() > 1000);
    String all = String.join("", chunks);
    assertThat(all).hasSize(PARTS * 1000);
    for (int i = 0; i < PARTS; i++) {
      assertThat(all.startsWith(part(i), i * 1000)).as("part %d", i).isTrue();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void clientThatDoesNotReadHoldsTheBackend() throws IOException {
    AtomicLong sent = new AtomicLong();
    long all = 128L * 1024 * 1024;
    start(
        wire -> {
          backend.take(wire);
          wire.send("HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n".formatted(all));
          byte[] part = new byte[64 * 1024];
          while (sent.get() < all) {
            wire.send(part);
            sent.addAndGet(part.length);
          }
        });
    try (Wire client = waypoint.connect()) {
      client.send(GET);
      assertThat(client.readHead().status()).isEqualTo(200);
      Stall.await(sent);
      assertThat(sent.get()).isLessThan(all / 4);
      assertThat(client.text((int) all)).hasSize((int) all);
    }
  }

  @Test
  void backendThatDoesNotReadHoldsTheClient() throws Exception {
    long all = 128L * 1024 * 1024;
    CountDownLatch read = new CountDownLatch(1);
    AtomicLong received = new AtomicLong();
    start(
        wire -> {
          wire.readHead();
          try {
            read.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          while (received.get() < all) {
            received.addAndGet(wire.text(64 * 1024).length());
          }
          wire.send(OK);
        });
    AtomicLong sent = new AtomicLong();
    try (Wire client = waypoint.connect()) {
      client.send("PUT / HTTP/1.1\r\nHost: shop\r\nContent-Length: %d\r\n\r\n".formatted(all));
      Thread sender =
          Thread.ofVirtual()
              .start(
                  () -> {
                    byte[] part = new byte[64 * 1024];
                    try {
                      while (sent.get() < all) {
                        client.send(part);
                        sent.addAndGet(part.length);
                      }
                    } catch (IOException e) {
                      sent.set(-1);
                    }
                  });
      Stall.await(sent);
      assertThat(sent.get()).isPositive().isLessThan(all / 4);
      read.countDown();
      assertThat(client.read().status()).isEqualTo(200);
      sender.join();
    }
    assertThat(received.get()).isEqualTo(all);
  }

  @Test
  void smallPartsOfARequestThatWaitGoOnTogether() throws Exception {
    CountDownLatch read = new CountDownLatch(1);
    List<String> chunks = new CopyOnWriteArrayList<>();
    start(
        wire -> {
          wire.readHead();
          await(read);
          chunks.addAll(wire.chunks());
          wire.send(OK);
        });
    AtomicLong sent = new AtomicLong();
    try (Wire client = waypoint.connect()) {
      client.send("PUT / HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n");
      Thread sender = Thread.ofVirtual().start(() -> sendParts(client, sent));
      Stall.await(sent);
      assertThat(sent.get()).isPositive().isLessThan(PARTS);
      read.countDown();
      assertThat(client.read().status()).isEqualTo(200);
      sender.join();
    }
    assertAllInOrder(chunks);
  }

  @Test
  void smallPartsOfAResponseThatWaitGoOnTogether() throws Exception {
    AtomicLong sent = new AtomicLong();
    start(
        wire -> {
          wire.readHead();
          wire.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
          sendParts(wire, sent);
        });
    try (Wire client = waypoint.connect()) {
      client.send(GET);
      Stall.await(sent);
      assertThat(sent.get()).isPositive().isLessThan(PARTS);
      assertThat(client.readHead().status()).isEqualTo(200);
      assertAllInOrder(client.chunks());
    }
  }
}
