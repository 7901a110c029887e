// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** An application that connects again and again, and a proxy that must see each of them. */
final class RestlessClient implements AutoCloseable {
  private final PodTraffic traffic;
  private final ServerSocketChannel proxy;
  private final CompletableFuture<Void> run;
  private final AtomicInteger captured = new AtomicInteger();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private volatile boolean running = true;

  RestlessClient(PodTraffic traffic) throws Exception {
    this.traffic = traffic;
    this.proxy = traffic.proxy(15001);
    this.run = CompletableFuture.runAsync(this::run);
  }

  private void run() {
    try {
      while (running) {
        connectOnce();
      }
    } catch (Throwable t) {
      failure.set(t);
    }
  }

  private void connectOnce() throws Exception {
    try (SocketChannel app = traffic.connect(PodTraffic.ELSEWHERE, 80);
        SocketChannel accepted = proxy.accept()) {
      assertThat(app.isConnected()).isTrue();
      assertThat(PodTraffic.originalDestination(accepted))
          .isEqualTo(new InetSocketAddress(PodTraffic.ELSEWHERE, 80));
      captured.incrementAndGet();
    }
  }

  void assertAllCaptured() {
    assertThat(failure.get()).isNull();
    assertThat(captured.get()).isPositive();
  }

  @Override
  public void close() throws IOException {
    running = false;
    run.join();
    proxy.close();
  }
}
