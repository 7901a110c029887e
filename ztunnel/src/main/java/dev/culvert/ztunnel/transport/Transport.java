// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.transport;

import dev.culvert.linux.errno.ErrnoException;
import dev.culvert.linux.socket.SocketOptions;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.uring.IoUring;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One of Netty's ways to the kernel. The factories make a channel's socket at once, on the calling
 * thread and in the network namespace that it is in, and mark it as the proxy's own.
 */
public abstract sealed class Transport permits UnixTransport, NioTransport {
  private static final Logger LOG = LoggerFactory.getLogger(Transport.class);

  /**
   * The transport to use.
   *
   * @throws IllegalStateException when the one asked for does not work here, with the reason
   */
  public static Transport select(TransportChoice choice) {
    return switch (choice) {
      case AUTO -> best();
      case IO_URING -> require(UnixTransport.ioUring(), IoUring.unavailabilityCause());
      case EPOLL -> require(UnixTransport.epoll(), Epoll.unavailabilityCause());
      case NIO -> new NioTransport();
    };
  }

  /** All that work here, the preferred first: docs/adr/0001 says why epoll is before io_uring. */
  public static List<Transport> available() {
    List<Transport> works = new ArrayList<>();
    if (Epoll.isAvailable()) {
      works.add(UnixTransport.epoll());
    }
    if (IoUring.isAvailable()) {
      works.add(UnixTransport.ioUring());
    }
    works.add(new NioTransport());
    return List.copyOf(works);
  }

  private static Transport best() {
    // The others are not looked at: each has a library to unpack and load.
    Transport best = Epoll.isAvailable() ? UnixTransport.epoll() : available().getFirst();
    LOG.info("transport: {}{}", best.name(), best.name().equals("epoll") ? "" : whyNot());
    return best;
  }

  private static String whyNot() {
    Throwable cause = Epoll.unavailabilityCause();
    return cause == null ? "" : " (epoll does not work here: " + cause.getMessage() + ")";
  }

  private static Transport require(Transport transport, Throwable unavailable) {
    if (unavailable != null) {
      throw new IllegalStateException(
          "transport %s does not work here (%s); use auto"
              .formatted(transport.name(), unavailable.getMessage()),
          unavailable);
    }
    return transport;
  }

  /** {@code io_uring}, {@code epoll} or {@code nio}. */
  public abstract String name();

  /** Event loops for its channels, on platform threads. */
  public EventLoopGroup workers(int threads) {
    return new WorkerLoops(threads, ioHandlers());
  }

  /** Listeners of a process that is no part of the redirect: not marked, so without privileges. */
  public abstract ServerSocketChannel plainListener();

  /** Sockets of such a process to connect with. */
  public abstract SocketChannel plainSocket();

  /** The descriptor of one of its channels, valid while the channel is open. */
  public abstract int descriptor(Channel channel);

  static void mark(int descriptor) throws ErrnoException {
    SocketOptions.setMark(descriptor, SocketOptions.MARK);
  }

  abstract IoHandlerFactory ioHandlers();

  abstract ServerSocketChannel newListener() throws IOException;

  /**
   * @param family of what it will connect to: an IPv6 socket can do both, at more cost
   */
  abstract SocketChannel newSocket(SocketProtocolFamily family) throws IOException;

  abstract DatagramChannel newDatagramSocket() throws IOException;

  abstract ChannelOption<Boolean> reusePort();
}
