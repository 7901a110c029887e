// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import dev.culvert.ztunnel.limits.PodShare;
import dev.culvert.ztunnel.transport.PodSockets;
import dev.culvert.ztunnel.zds.Pod;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One pod from its enrolment to the end of its last connection. */
final class PodProxy {
  private static final Logger LOG = LoggerFactory.getLogger(PodProxy.class);

  private final DataPath path;
  private final Pod pod;
  private final PodSockets sockets;
  private final PodShare share;
  private final PodConnections connections = new PodConnections();

  /** Its listeners are closed, and what they accepted is in {@link #connections}. */
  private final CompletableFuture<Void> allAccepted = new CompletableFuture<>();

  /** Done when its listeners are up; failed when they do not come up, and nothing of it is left. */
  private CompletableFuture<Void> started;

  private volatile PodListeners listeners;

  PodProxy(DataPath path, Pod pod) {
    this.path = path;
    this.pod = pod;
    this.share = path.limits().pod(pod.namespace() + "/" + pod.name());
    this.sockets = new PodSockets(path.transport(), path.network(), pod.netns(), share);
    this.listeners = listeners();
  }

  Pod pod() {
    return pod;
  }

  PodSockets sockets() {
    return sockets;
  }

  /** Whether both are the same pod in the same namespace. */
  boolean isSame(Pod other) throws IOException {
    return pod.uid().equals(other.uid()) && pod.netns().inode() == other.netns().inode();
  }

  /** Whether another pod claims this one's namespace. */
  boolean isBeside(Pod other) throws IOException {
    return !pod.uid().equals(other.uid()) && pod.netns().inode() == other.netns().inode();
  }

  /** Opens the listeners, for both families or, where there is no IPv6, for IPv4. */
  CompletableFuture<Void> start() {
    boolean ipv6 = path.network().ipv6();
    started =
        (ipv6 ? openForBoth() : openForIpv4())
            .thenCompose(opened -> listeners.openDns(NetUtil.LOCALHOST4))
            .thenCompose(opened -> listeners.openDnsOverTcp(NetUtil.LOCALHOST4))
            .thenCompose(
                opened -> ipv6 ? openDnsOverIpv6() : CompletableFuture.completedFuture(null))
            .exceptionally(this::failed);
    return started;
  }

  /** What {@link #start} has returned. */
  CompletableFuture<Void> started() {
    return started;
  }

  private CompletableFuture<Void> openForBoth() {
    return listeners
        .open(address(new byte[16]))
        .exceptionallyCompose(
            noIpv6 -> {
              listeners.close();
              listeners = listeners();
              return openForIpv4();
            });
  }

  private CompletableFuture<Void> openForIpv4() {
    return listeners.open(address(new byte[4]));
  }

  private CompletableFuture<Void> openDnsOverIpv6() {
    return listeners
        .openDns(NetUtil.LOCALHOST6)
        .thenCompose(opened -> listeners.openDnsOverTcp(NetUtil.LOCALHOST6))
        .exceptionally(this::noIpv6);
  }

  private Void noIpv6(Throwable cause) {
    LOG.debug("pod {}/{} has no IPv6 loopback: {}", pod.namespace(), pod.name(), cause.toString());
    return null;
  }

  private Void failed(Throwable error) {
    listeners.close();
    share.close();
    pod.netns().close();
    Throwable cause = error instanceof CompletionException ? error.getCause() : error;
    throw new CompletionException(
        new IOException(
            "pod %s/%s cannot be served: %s"
                .formatted(pod.namespace(), pod.name(), cause.getMessage()),
            cause));
  }

  private PodListeners listeners() {
    return new PodListeners(path, pod, sockets, share, connections);
  }

  private static InetAddress address(byte[] any) {
    try {
      return InetAddress.getByAddress(any);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Lets the pod go: its listeners accept what the kernel holds for them and close, its connections
   * may go on for a while. One that is still coming up is let go once it is up.
   *
   * @param patience after which they are reset
   * @param why that is, for people
   * @return done when nothing of it is left
   */
  CompletableFuture<Void> drain(Duration patience, String why) {
    return started
        .handle((up, error) -> error == null)
        .thenCompose(up -> up ? drainNow(patience, why) : CompletableFuture.completedFuture(null));
  }

  private CompletableFuture<Void> drainNow(Duration patience, String why) {
    CompletableFuture<Void> answered = listeners.closeToQueries(path.drain());
    var _ =
        listeners
            .stepBack()
            .thenRun(this::drainTunnels)
            .thenCompose(left -> emptied())
            .thenCompose(empty -> listeners.closeToConnections())
            .thenCompose(closed -> acceptedAreKnown())
            .thenRun(() -> allAccepted.complete(null));
    cutOff(patience, why);
    return allAccepted
        .thenCompose(all -> answered)
        .thenCompose(all -> connections.closed())
        .thenRun(this::release);
  }

  /** Peers that are told so open new ones at once: to another proxy, by now. */
  private void drainTunnels() {
    path.tunnels().drain(sockets);
    connections.drainTunnels();
  }

  private CompletableFuture<Void> emptied() {
    return path.queues().emptied(pod.netns(), listeners.cookies(), path.drain().queues());
  }

  /** What the listeners' loops have accepted is handed to other loops. */
  private CompletableFuture<Void> acceptedAreKnown() {
    List<CompletableFuture<Void>> passes = new ArrayList<>();
    path.workers().forEach(loop -> passes.add(CompletableFuture.runAsync(() -> {}, loop)));
    return CompletableFuture.allOf(passes.toArray(CompletableFuture<?>[]::new));
  }

  /** Resets the connections of a pod that is let go, if any are left then. */
  void cutOff(Duration patience, String why) {
    CompletableFuture<Void> over = new CompletableFuture<>();
    var _ =
        path.workers()
            .next()
            .schedule(() -> over.complete(null), patience.toNanos(), TimeUnit.NANOSECONDS);
    var _ = over.runAfterBoth(allAccepted, () -> reset(why));
  }

  private void reset(String why) {
    if (connections.size() > 0) {
      LOG.info(
          "pod {}/{}: {} connections and tunnels are reset: {}",
          pod.namespace(),
          pod.name(),
          connections.size(),
          why);
    }
    connections.reset(why);
  }

  /** Those of its listeners that are open, as the kernel tells them from others. */
  Set<Long> listening() {
    return listeners.cookies();
  }

  /** How many connections and tunnels it has open. */
  int open() {
    return connections.size();
  }

  private void release() {
    listeners.close();
    path.tunnels().close(sockets);
    share.close();
    pod.netns().close();
  }
}
