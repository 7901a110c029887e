// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.transport;

import dev.culvert.linux.errno.ErrnoException;
import dev.culvert.linux.socket.PortHandOver;
import dev.culvert.linux.socket.SocketOptions;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.socket.SocketChannel;
import io.netty.resolver.NoopAddressResolverGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens listeners inside a pod's namespace, each on one event loop; what they accept goes to all in
 * turn. An old proxy and a new one may share a port.
 */
public final class Listeners {
  private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);

  /** Connections may come in bursts, and a full queue would cost each a second. */
  private static final int BACKLOG = 4096;

  /** Of DNS, as far as anybody sends it. */
  private static final int LARGEST_DATAGRAM = 4096;

  private final PodSockets sockets;
  private final EventLoopGroup workers;

  public Listeners(PodSockets sockets, EventLoopGroup workers) {
    this.sockets = sockets;
    this.workers = workers;
  }

  /**
   * Listens for connections to relay.
   *
   * @param accepted called on a connection's event loop before anything is read of it
   */
  public CompletableFuture<Channel> listen(
      InetAddress address, int port, Consumer<TcpHalf> accepted) {
    return listen(
        address,
        port,
        TcpConnections.accepted(),
        channel -> channel.pipeline().addLast(new TcpHalf(channel, accepted)));
  }

  /** Listens for connections that carry tunnels; nothing is read of them until asked. */
  public CompletableFuture<Channel> listenForTunnels(
      InetAddress address, int port, Consumer<SocketChannel> accepted) {
    return listen(address, port, TcpConnections.acceptedTunnel(), accepted);
  }

  /** Opens a UDP socket for a handler, on a loop that is one of the workers. */
  public CompletableFuture<Channel> datagrams(
      EventLoop loop, InetSocketAddress address, ChannelHandler handler) {
    return on(loop, () -> datagrams(loop, this::sharedSocket, handler).bind(address));
  }

  /**
   * Opens a UDP socket of any port that sends to one address and hears nobody else.
   *
   * @param loop the caller's
   */
  public ChannelFuture ask(EventLoop loop, InetSocketAddress to, ChannelHandler handler) {
    return datagrams(loop, this::ownSocket, handler).connect(to);
  }

  private static Bootstrap datagrams(
      EventLoop loop, ChannelFactory<Channel> sockets, ChannelHandler handler) {
    return new Bootstrap()
        .group(loop)
        .channelFactory(sockets)
        .resolver(NoopAddressResolverGroup.INSTANCE)
        .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(LARGEST_DATAGRAM))
        .handler(handler);
  }

  private Channel sharedSocket() {
    Channel channel = ownSocket();
    channel.config().setOption(sockets.transport().reusePort(), true);
    return channel;
  }

  private Channel ownSocket() {
    try {
      return sockets.datagramSocket();
    } catch (IOException e) {
      throw new ChannelException(e.getMessage(), e);
    }
  }

  private CompletableFuture<Channel> listen(
      InetAddress address,
      int port,
      Map<ChannelOption<?>, Object> options,
      Consumer<SocketChannel> initializer) {
    EventLoop loop = workers.next();
    return on(
        loop,
        () -> {
          var listener = sockets.listener();
          ServerBootstrap bootstrap =
              new ServerBootstrap()
                  .group(loop, workers)
                  .channelFactory(() -> listener)
                  .option(ChannelOption.SO_BACKLOG, BACKLOG)
                  .option(ChannelOption.SO_REUSEADDR, true)
                  .childOption(ChannelOption.RECVBUF_ALLOCATOR, sockets.reads())
                  .childHandler(initializing(initializer));
          options.forEach((option, value) -> set(bootstrap, option, value));
          return bootstrap.bind(address, port);
        });
  }

  /**
   * Of two proxies' listeners on a port has the kernel choose the one that joined last, where it
   * chooses by itself. Without it both get some, which loses nothing.
   */
  public Channel preferNewest(Channel listener) {
    try {
      PortHandOver.preferNewest(sockets.transport().descriptor(listener));
    } catch (ErrnoException e) {
      LOG.warn("{}: an older proxy gets some of its connections too: {}", listener, e.getMessage());
    }
    return listener;
  }

  /** Of two proxies' listeners on a port has the kernel choose the one that was there first. */
  public void preferOldest(Channel listener) {
    try {
      PortHandOver.preferOldest(sockets.transport().descriptor(listener));
    } catch (ErrnoException e) {
      LOG.warn("{}: what comes until it closes may be reset: {}", listener, e.getMessage());
    }
  }

  /**
   * Has the redirect programs give what is new to another proxy's listener of the port, where there
   * is one.
   */
  public void stepBack(Channel listener) {
    try {
      SocketOptions.stepBack(sockets.transport().descriptor(listener));
    } catch (ErrnoException notRegistered) {
      LOG.debug("{}: is not steered to: {}", listener, notRegistered.getMessage());
    }
  }

  /**
   * By what the kernel tells a listener from all others.
   *
   * @return empty when it is closed
   */
  public Optional<Long> cookie(Channel listener) {
    try {
      return Optional.of(SocketOptions.cookie(sockets.transport().descriptor(listener)));
    } catch (ErrnoException closed) {
      return Optional.empty();
    }
  }

  /**
   * Has a socket of {@link #datagrams} receive nothing more; what it has received is still handled,
   * and it can answer. On its loop.
   */
  public void deafen(Channel datagrams) {
    assert datagrams.eventLoop().inEventLoop();
    try {
      int descriptor = sockets.transport().descriptor(datagrams);
      PortHandOver.deafen(descriptor, (InetSocketAddress) datagrams.localAddress());
    } catch (ErrnoException e) {
      LOG.warn("{}: what it receives until it closes may be lost: {}", datagrams, e.getMessage());
    }
  }

  /**
   * Whether a socket of {@link #datagrams} holds something that it has not read or not sent yet. On
   * its loop.
   */
  public boolean isBusy(Channel datagrams) {
    assert datagrams.eventLoop().inEventLoop();
    ChannelOutboundBuffer answers = datagrams.unsafe().outboundBuffer();
    if (answers == null) {
      return false; // it is closed
    }
    try {
      int descriptor = sockets.transport().descriptor(datagrams);
      return !answers.isEmpty() || PortHandOver.hasUnread(descriptor);
    } catch (ErrnoException closed) {
      return false;
    }
  }

  private static ChannelInitializer<SocketChannel> initializing(Consumer<SocketChannel> body) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(SocketChannel channel) {
        body.accept(channel);
      }
    };
  }

  @SuppressWarnings("unchecked")
  private static <T> void set(ServerBootstrap bootstrap, ChannelOption<T> option, Object value) {
    bootstrap.childOption(option, (T) value);
  }

  private interface Opener {
    ChannelFuture open() throws IOException;
  }

  /** On the loop's own thread, which may enter a namespace for a moment. */
  private static CompletableFuture<Channel> on(EventLoop loop, Opener opener) {
    CompletableFuture<Channel> opened = new CompletableFuture<>();
    loop.execute(
        () -> {
          try {
            ChannelFuture future = opener.open();
            future.addListener(done -> settle(opened, future));
          } catch (IOException | RuntimeException e) {
            opened.completeExceptionally(e);
          }
        });
    return opened;
  }

  private static void settle(CompletableFuture<Channel> opened, ChannelFuture future) {
    if (future.isSuccess()) {
      opened.complete(future.channel());
    } else {
      opened.completeExceptionally(future.cause());
    }
  }
}
