// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.transport;

import dev.culvert.linux.errno.ErrnoException;
import dev.culvert.linux.socket.NetworkNamespace;
import dev.culvert.linux.socket.SocketOptions;
import dev.culvert.ztunnel.limits.PodShare;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the proxy's sockets inside one pod's network namespace, marked as the proxy's own before
 * anything else is done with them. On platform threads only, which event loops are.
 */
public final class PodSockets {
  private static final Logger LOG = LoggerFactory.getLogger(PodSockets.class);
  private static final AtomicBoolean PRESENTS = new AtomicBoolean(true);

  private final Transport transport;
  private final PodNetwork network;
  private final NetworkNamespace netns;
  private final boolean own;
  private final PodShare share;
  private final PodReads reads = new PodReads();
  private final ChannelFutureListener given;

  private interface Maker<C extends Channel> {
    C make() throws IOException;
  }

  /**
   * @param share that what connects is counted in
   */
  public PodSockets(
      Transport transport, PodNetwork network, NetworkNamespace netns, PodShare share) {
    this(transport, network, netns, share, false);
  }

  private PodSockets(
      Transport transport,
      PodNetwork network,
      NetworkNamespace netns,
      PodShare share,
      boolean own) {
    this.transport = transport;
    this.network = network;
    this.netns = netns;
    this.own = own;
    this.share = share;
    this.given = closed -> share.endSocket();
  }

  /**
   * Those of the pod that this process is in, such as a waypoint's: no part of the redirect, so not
   * marked, and made without privileges.
   *
   * @param share that what connects is counted in
   */
  public static PodSockets own(Transport transport, PodShare share) {
    return new PodSockets(transport, null, null, share, true);
  }

  /** What the pod may have. */
  public PodShare share() {
    return share;
  }

  /** How its sockets are read. */
  RecvByteBufAllocator reads() {
    return reads;
  }

  /** The transport whose event loops its channels need. */
  public Transport transport() {
    return transport;
  }

  /**
   * A socket to connect with, counted until it is closed.
   *
   * @param to whom it will be connected to
   * @throws IOException when the namespace is gone, the process may not set the mark, or a limit is
   *     reached
   */
  public SocketChannel socket(InetAddress to) throws IOException {
    if (!share.beginSocket()) {
      throw new IOException("a limit of this node is reached (culvert_limit_refused_total)");
    }
    try {
      SocketChannel channel =
          own ? transport.plainSocket() : inside(() -> transport.newSocket(family(to)));
      channel.config().setRecvByteBufAllocator(reads);
      channel.closeFuture().addListener(given);
      return channel;
    } catch (IOException e) {
      share.endSocket();
      throw e;
    }
  }

  private static SocketProtocolFamily family(InetAddress to) {
    return to instanceof Inet4Address ? SocketProtocolFamily.INET : SocketProtocolFamily.INET6;
  }

  /** A socket to listen with; throws as {@link #socket}, but for the limit. */
  public ServerSocketChannel listener() throws IOException {
    ServerSocketChannel channel = own ? transport.plainListener() : inside(transport::newListener);
    channel.config().setOption(transport.reusePort(), true);
    return channel;
  }

  /**
   * A UDP socket, in another namespace than the process' own; throws as {@link #socket}, but for
   * the limit.
   */
  public DatagramChannel datagramSocket() throws IOException {
    return inside(transport::newDatagramSocket);
  }

  /**
   * Makes the app behind a socket of {@link #socket}, not yet connected, see the client's address
   * as its peer. Where neither the redirect programs are attached nor rules are in their place, the
   * app sees the pod's own address.
   *
   * @param target of the connection
   */
  public void presentPeer(Channel socket, InetSocketAddress peer, InetSocketAddress target) {
    try {
      SocketOptions.presentPeer(transport.descriptor(socket), peer);
    } catch (ErrnoException e) {
      if (network.isByRules()) {
        speakAs(socket, peer.getAddress(), target.getAddress());
      } else {
        warnOnce(e);
      }
    }
  }

  /** What a pod sends itself has its address already; another family has none to give. */
  private void speakAs(Channel socket, InetAddress peer, InetAddress target) {
    if (peer.equals(target) || peer.getClass() != target.getClass()) {
      return;
    }
    try {
      SocketOptions.speakAs(transport.descriptor(socket), peer);
    } catch (ErrnoException e) {
      warnOnce(e);
    }
  }

  /** Keeps a connection alive that is in no tunnel: those are looked after by HTTP/2. */
  public void keepAlive(Channel socket) {
    Keepalive keepalive = network.keepalive();
    if (!keepalive.asks()) {
      return;
    }
    try {
      SocketOptions.keepAlive(
          transport.descriptor(socket),
          (int) keepalive.idle().toSeconds(),
          (int) keepalive.interval().toSeconds(),
          keepalive.probes());
    } catch (ErrnoException gone) {
      LOG.debug("{}: no keepalive: {}", socket, gone.getMessage());
    }
  }

  private static void warnOnce(ErrnoException e) {
    if (PRESENTS.getAndSet(false)) {
      LOG.warn(
          "apps see their own pod's address as the peer, not the client's: {}; is the agent's eBPF"
              + " attached to this process' cgroup?",
          e.getMessage());
    }
  }

  private <C extends Channel> C inside(Maker<C> maker) throws IOException {
    try {
      return netns.call(maker::make);
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("the pod's network namespace is gone: " + e.getMessage(), e);
    }
  }
}
