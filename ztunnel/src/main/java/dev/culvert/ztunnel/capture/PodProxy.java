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
  private volatile PodListeners listeners;

  PodProxy(DataPath path, Pod pod) {
    this.path = path;
    this.pod = pod;
    this.share = path.limits().pod(pod.namespace() + "/" + pod.name());
    this.sockets = new PodSockets(path.transport(), pod.netns(), share);
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

  /** Opens the listeners, for both families or, where there is no IPv6, for IPv4. */
  CompletableFuture<Void> start() {
    return listeners
        .open(address(new byte[16]))
        .exceptionallyCompose(
            noIpv6 -> {
              listeners.close();
              listeners = listeners();
              return listeners.open(address(new byte[4]));
            })
        .thenCompose(opened -> listeners.openDns(NetUtil.LOCALHOST4))
        .thenCompose(opened -> listeners.openDns(NetUtil.LOCALHOST6).exceptionally(this::noIpv6))
        .exceptionally(this::failed);
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
   * Lets the pod go: first what is on its way may still come in, then connections may end, then
   * they are reset.
   *
   * @return done when nothing of it is left
   */
  CompletableFuture<Void> drain() {
    path.tunnels().drain(sockets);
    connections.drainTunnels();
    CompletableFuture<Void> gone = new CompletableFuture<>();
    after(
        path.drain().listeners(),
        () -> {
          listeners.close();
          var _ = connections.closed().thenRun(() -> gone.complete(null));
        });
    after(
        path.drain().listeners().plus(path.drain().connections()),
        () -> {
          if (connections.size() > 0) {
            LOG.info(
                "pod {}/{}: {} connections are reset at the end of their time",
                pod.namespace(),
                pod.name(),
                connections.size());
          }
          connections.reset();
        });
    return gone.thenRun(this::release);
  }

  private void after(Duration delay, Runnable task) {
    var _ = path.workers().next().schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void release() {
    path.tunnels().close(sockets);
    share.close();
    pod.netns().close();
  }
}
