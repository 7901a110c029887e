// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import dev.culvert.linux.socket.RedirectLab.Pod;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Threads of a pod that connect again and again; what they open stays open until the next. */
final class RacingConnects implements AutoCloseable {
  private final Pod pod;
  private final InetSocketAddress to;
  private final List<Thread> threads = new ArrayList<>();
  private final List<AtomicLong> attempts = new ArrayList<>();
  private final AtomicLong opened = new AtomicLong();
  private volatile boolean ended;

  /** Connects to the listener, which is accepted from and closed meanwhile. */
  RacingConnects(Pod pod, TestSocket app, InetSocketAddress to, int count) {
    this.pod = pod;
    this.to = to;
    threads.add(Thread.ofPlatform().daemon().start(() -> serve(app)));
    for (int i = 0; i < count; i++) {
      AtomicLong own = new AtomicLong();
      attempts.add(own);
      threads.add(Thread.ofPlatform().daemon().start(() -> run(own)));
    }
  }

  private void serve(TestSocket app) {
    while (!ended) {
      try {
        app.accept().close();
      } catch (Exception nobody) {
        Thread.onSpinWait();
      }
    }
  }

  private void run(AtomicLong own) {
    List<TestSocket> open = new ArrayList<>();
    while (!ended) {
      try {
        TestSocket socket = pod.tcp(TestSocket.AF_INET);
        open.add(socket);
        socket.connected(to);
        opened.incrementAndGet();
      } catch (Exception refused) {
        Thread.onSpinWait();
      }
      if (open.size() > 16) {
        open.forEach(TestSocket::close);
        open.clear();
      }
      own.incrementAndGet();
    }
    open.forEach(TestSocket::close);
  }

  /** Waits until some more were opened. */
  void awaitMore(int count) throws InterruptedException {
    long wanted = opened.get() + count;
    while (opened.get() < wanted) {
      Thread.sleep(0, 100_000);
    }
  }

  /** Waits until every connect that is under way now has returned. */
  void awaitRound() throws InterruptedException {
    for (AtomicLong own : attempts) {
      long wanted = own.get() + 2;
      while (own.get() < wanted) {
        Thread.sleep(0, 100_000);
      }
    }
  }

  @Override
  public void close() {
    ended = true;
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
