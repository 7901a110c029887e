// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.unix.UnixChannel;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.channel.uring.IoUringDatagramChannel;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import java.io.IOException;
import java.util.function.Function;
import java.util.function.Supplier;

/** Netty's native transports: their channels tell their descriptor. */
final class UnixTransport extends Transport {
  private final String name;
  private final Supplier<IoHandlerFactory> ioHandlers;
  private final Supplier<ServerSocketChannel> listeners;
  private final Function<SocketProtocolFamily, SocketChannel> sockets;
  private final Supplier<DatagramChannel> datagramSockets;

  private UnixTransport(
      String name,
      Supplier<IoHandlerFactory> ioHandlers,
      Supplier<ServerSocketChannel> listeners,
      Function<SocketProtocolFamily, SocketChannel> sockets,
      Supplier<DatagramChannel> datagramSockets) {
    this.name = name;
    this.ioHandlers = ioHandlers;
    this.listeners = listeners;
    this.sockets = sockets;
    this.datagramSockets = datagramSockets;
  }

  static UnixTransport epoll() {
    return new UnixTransport(
        "epoll",
        QuietEpoll::factory,
        EpollServerSocketChannel::new,
        EpollSocketChannel::new,
        EpollDatagramChannel::new);
  }

  static UnixTransport ioUring() {
    return new UnixTransport(
        "io_uring",
        QuietUring::factory,
        IoUringServerSocketChannel::new,
        either -> new IoUringSocketChannel(),
        IoUringDatagramChannel::new);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int descriptor(Channel channel) {
    return ((UnixChannel) channel).fd().intValue();
  }

  @Override
  IoHandlerFactory ioHandlers() {
    return ioHandlers.get();
  }

  @Override
  public ServerSocketChannel plainListener() {
    return listeners.get();
  }

  @Override
  public SocketChannel plainSocket() {
    return sockets.apply(null);
  }

  @Override
  ServerSocketChannel newListener() throws IOException {
    return marked(listeners.get());
  }

  @Override
  SocketChannel newSocket(SocketProtocolFamily family) throws IOException {
    return marked(sockets.apply(family));
  }

  @Override
  DatagramChannel newDatagramSocket() throws IOException {
    return marked(datagramSockets.get());
  }

  private <C extends Channel> C marked(C channel) throws IOException {
    try {
      mark(descriptor(channel));
      return channel;
    } catch (IOException e) {
      channel.unsafe().closeForcibly();
      throw e;
    }
  }

  @Override
  ChannelOption<Boolean> reusePort() {
    return UnixChannelOption.SO_REUSEPORT;
  }
}
