// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import dev.culvert.ztunnel.dns.PodDns;
import dev.culvert.ztunnel.transport.Listeners;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The UDP sockets that a pod's queries come to, which may share their port with a next proxy's. */
final class QuerySockets {
  private static final long LOOK_MILLIS = 10;

  private final Listeners listeners;
  private final EventLoop loop;
  private final PodDns dns;
  private final List<CompletableFuture<Channel>> sockets = new ArrayList<>();

  /**
   * @param loop of the sockets
   */
  QuerySockets(Listeners listeners, EventLoop loop, PodDns dns) {
    this.listeners = listeners;
    this.loop = loop;
    this.dns = dns;
  }

  CompletableFuture<Void> open(InetSocketAddress address) {
    CompletableFuture<Channel> opened = listeners.datagrams(loop, address, dns.datagrams());
    sockets.add(opened);
    return opened.thenAccept(channel -> {});
  }

  /** Hears no more queries, answers those that were heard, and closes. */
  CompletableFuture<Void> drain(DrainTimes times) {
    return CompletableFuture.runAsync(
            () -> OpenedChannels.now(sockets).forEach(listeners::deafen), loop)
        .thenCompose(deaf -> settled(times.delivered(), times.queues()))
        .thenCompose(read -> dns.idle())
        .thenCompose(answered -> settled(Duration.ZERO, times.queues()))
        .thenCompose(sent -> close());
  }

  /**
   * Waits until nothing is left to read and to send. However late the loop is: what it could not
   * read in time is still seen in the sockets.
   */
  private CompletableFuture<Void> settled(Duration before, Duration atMost) {
    CompletableFuture<Void> settled = new CompletableFuture<>();
    long end = System.nanoTime() + before.plus(atMost).toNanos();
    var _ = loop.schedule(() -> look(settled, end), before.toNanos(), TimeUnit.NANOSECONDS);
    return settled;
  }

  /** An io_uring may have taken from a socket what its loop sees in the next pass only. */
  private void look(CompletableFuture<Void> settled, long end) {
    boolean waits =
        System.nanoTime() - end < 0 && OpenedChannels.now(sockets).anyMatch(listeners::isBusy);
    Runnable next = waits ? () -> look(settled, end) : () -> settled.complete(null);
    var _ = loop.schedule(next, LOOK_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Closes those that are open and those that still open. */
  CompletableFuture<Void> close() {
    return OpenedChannels.closed(sockets);
  }
}
