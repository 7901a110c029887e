// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import dev.culvert.linux.errno.ErrnoException;
import dev.culvert.ztunnel.dns.PodDns;
import dev.culvert.ztunnel.inbound.InboundPlaintext;
import dev.culvert.ztunnel.inbound.InboundPod;
import dev.culvert.ztunnel.inbound.InboundTunnel;
import dev.culvert.ztunnel.limits.PodShare;
import dev.culvert.ztunnel.outbound.OutboundConnection;
import dev.culvert.ztunnel.outbound.OutboundPod;
import dev.culvert.ztunnel.route.ProxyPorts;
import dev.culvert.ztunnel.transport.Listeners;
import dev.culvert.ztunnel.transport.PodSockets;
import dev.culvert.ztunnel.transport.TcpHalf;
import dev.culvert.ztunnel.zds.Pod;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The listeners of one pod, all inside its namespace. */
final class PodListeners {
  private static final Logger LOG = LoggerFactory.getLogger(PodListeners.class);

  /** Where resolvers listen (RFC 1035 4.2). */
  private static final int DNS_PORT = 53;

  private final DataPath path;
  private final Pod pod;
  private final OutboundPod outbound;
  private final InboundPod inbound;
  private final PodShare share;
  private final PodConnections connections;
  private final Listeners listeners;
  private final PodDns dns;
  private final QuerySockets queries;
  private final List<CompletableFuture<Channel>> open = new ArrayList<>();

  /** Those of them of which the kernel chooses by their place among others of the port. */
  private final List<CompletableFuture<Channel>> placed = new ArrayList<>();

  /** The proxies that were there before. */
  private volatile Set<Long> elders = Set.of();

  PodListeners(
      DataPath path, Pod pod, PodSockets sockets, PodShare share, PodConnections connections) {
    this.path = path;
    this.pod = pod;
    this.outbound = path.outbound(pod, sockets);
    this.inbound = path.inbound(pod, sockets, share);
    this.share = share;
    this.connections = connections;
    this.listeners = new Listeners(sockets, path.workers());
    EventLoop loop = path.workers().next();
    this.dns = path.dns().of(pod, loop, new PodUpstream(path.mesh(), outbound, listeners));
    this.queries = new QuerySockets(listeners, loop, dns);
  }

  /** Opens them all; fails with the first that does not open, which {@link #close} cleans up. */
  CompletableFuture<Void> open(InetAddress address) {
    open.add(placed(listeners.listen(address, ProxyPorts.OUTBOUND, this::captured)));
    open.add(steered(listeners.listen(address, ProxyPorts.INBOUND_PLAINTEXT, this::plaintext)));
    open.add(steered(listeners.listenForTunnels(address, ProxyPorts.INBOUND_HBONE, this::tunnel)));
    return CompletableFuture.allOf(open.toArray(CompletableFuture<?>[]::new))
        .thenCompose(all -> others())
        .thenAccept(others -> elders = others);
  }

  private CompletableFuture<Set<Long>> others() {
    return path.queues().proxies(pod.netns()).thenApply(this::withoutOwn);
  }

  private Set<Long> withoutOwn(Set<Long> proxies) {
    Set<Long> others = new HashSet<>(proxies);
    others.removeAll(cookies());
    return others;
  }

  /** The redirect programs choose of two proxies' listeners by themselves; rules cannot. */
  private CompletableFuture<Channel> steered(CompletableFuture<Channel> listener) {
    return path.network().isByRules() ? placed(listener) : listener;
  }

  private CompletableFuture<Channel> placed(CompletableFuture<Channel> listener) {
    CompletableFuture<Channel> newest = listener.thenApply(listeners::preferNewest);
    placed.add(newest);
    return newest;
  }

  /**
   * Leaves what is new to the other proxy of the ports, also where that is older: whoever rolls an
   * upgrade back ends the newest.
   */
  CompletableFuture<Void> stepBack() {
    OpenedChannels.now(open).forEach(listeners::stepBack);
    return others().thenAccept(this::stepBackBefore);
  }

  /** With one other the places are known: the elder's is the first, as long as it lives. */
  private void stepBackBefore(Set<Long> others) {
    if (others.size() == 1 && others.equals(elders)) {
      OpenedChannels.now(placed).forEach(listeners::preferOldest);
    }
  }

  private void captured(TcpHalf client) {
    if (!admitted(client)) {
      return;
    }
    try {
      InetSocketAddress asked = path.originalDestination().of(client.channel());
      if (asked.getPort() == DNS_PORT && dns.takesConnections()) {
        dns.accept(client, asked);
      } else {
        OutboundConnection.accept(outbound, client, asked);
      }
    } catch (ErrnoException e) {
      LOG.warn(
          "a connection to port {} of pod {}/{} was not redirected, and is refused: {}",
          ProxyPorts.OUTBOUND,
          pod.namespace(),
          pod.name(),
          e.getMessage());
      client.reset();
    }
  }

  private void plaintext(TcpHalf client) {
    if (admitted(client)) {
      InboundPlaintext.accept(inbound, client, target(client));
    }
  }

  /** What the redirect programs steer has the address it was going to; rules have changed it. */
  private InetSocketAddress target(TcpHalf client) {
    InetSocketAddress own = client.localAddress();
    if (!path.network().isByRules() || own.getPort() != ProxyPorts.INBOUND_PLAINTEXT) {
      return own;
    }
    try {
      return path.originalDestination().of(client.channel());
    } catch (ErrnoException notRedirected) {
      return own;
    }
  }

  private boolean admitted(TcpHalf client) {
    if (!share.beginConnection()) {
      client.reset();
      return false;
    }
    client.channel().closeFuture().addListener(closed -> share.endConnection());
    connections.add(client);
    return true;
  }

  private void tunnel(SocketChannel channel) {
    if (!share.beginTunnel()) {
      var _ = channel.close();
      return;
    }
    channel.closeFuture().addListener(closed -> share.endTunnel());
    connections.addTunnel(channel);
    InboundTunnel.accept(inbound, channel);
  }

  /**
   * Opens port 15053 on loopback, where apps' DNS is redirected to.
   *
   * @param address of loopback, IPv4 or IPv6
   */
  CompletableFuture<Void> openDns(InetAddress address) {
    return queries.open(new InetSocketAddress(address, ProxyPorts.DNS));
  }

  /**
   * Opens the same port for DNS over TCP, where rules of the packet filter take it. A pod can do
   * without.
   */
  CompletableFuture<Void> openDnsOverTcp(InetAddress address) {
    if (!path.network().isByRules()) {
      return CompletableFuture.completedFuture(null);
    }
    CompletableFuture<Channel> opened =
        steered(listeners.listen(address, ProxyPorts.DNS, this::captured));
    open.add(opened);
    return opened.handle(this::told);
  }

  private Void told(Channel opened, Throwable error) {
    if (error != null) {
      LOG.warn("pod {}/{} has no DNS over TCP: {}", pod.namespace(), pod.name(), error.toString());
    }
    return null;
  }

  /** Those for connections that are open, as the kernel tells them from others. */
  Set<Long> cookies() {
    return OpenedChannels.now(open)
        .flatMap(listener -> listeners.cookie(listener).stream())
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Closes those for connections; done when they accept nothing more. */
  CompletableFuture<Void> closeToConnections() {
    CompletableFuture<?>[] seen =
        OpenedChannels.now(open).map(PodListeners::next).toArray(CompletableFuture<?>[]::new);
    return CompletableFuture.allOf(seen).thenCompose(all -> OpenedChannels.closed(open));
  }

  /**
   * Done when a listener's loop has looked for input once more: an io_uring may have accepted what
   * its loop, which may be late, has not seen.
   */
  private static CompletableFuture<Void> next(Channel listener) {
    CompletableFuture<Void> passed = new CompletableFuture<>();
    EventLoop loop = listener.eventLoop();
    loop.execute(
        () -> {
          var _ = loop.schedule(() -> passed.complete(null), 1, TimeUnit.MILLISECONDS);
        });
    return passed;
  }

  /** Hears no more queries, answers those that were heard, and closes their sockets. */
  CompletableFuture<Void> closeToQueries(DrainTimes times) {
    return queries.drain(times);
  }

  /** Closes those that are open and those that still open. */
  void close() {
    dns.close();
    var _ = OpenedChannels.closed(open);
    var _ = queries.close();
  }
}
