// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.NotYetConnectedException;
import java.util.function.Consumer;

/** A TCP socket as one end of a connection; the last handler of its channel. */
public final class TcpHalf extends ChannelInboundHandlerAdapter implements Half {
  /** A request's head, most often all of it. */
  private static final int EARLY_BYTES = 4 * 1024;

  private final SocketChannel channel;
  private final Consumer<TcpHalf> onActive;
  private final TcpWrites writes;

  /** Epoll reads on when the peer has closed, asked or not: what fits the kernel's buffer. */
  private final HalfInput input = new HalfInput();

  private Events events;

  private Throwable failure;
  private boolean outputEnding;
  private boolean outputEnded;

  /**
   * @param onActive called on the event loop when the socket is connected
   */
  public TcpHalf(SocketChannel channel, Consumer<TcpHalf> onActive) {
    this.channel = channel;
    this.onActive = onActive;
    this.writes = new TcpWrites(channel, this::fail);
  }

  /** The socket's channel. */
  public SocketChannel channel() {
    return channel;
  }

  /** The other end, never as a v4-mapped address. */
  public InetSocketAddress remoteAddress() {
    return PlainAddress.of(channel.remoteAddress());
  }

  /** The own end, never as a v4-mapped address. */
  public InetSocketAddress localAddress() {
    return PlainAddress.of(channel.localAddress());
  }

  /** Whether the socket broke or was reset. */
  public boolean isBroken() {
    return failure != null;
  }

  /** Netty reads only when epoll has told it to: a turn of the loop later. */
  @Override
  public ByteBuf early() {
    if (failure != null
        || input.isEnded()
        || input.holds()
        || !(channel instanceof EpollSocketChannel epoll)) {
      return Unpooled.EMPTY_BUFFER;
    }
    ByteBuf bytes = channel.alloc().directBuffer(EARLY_BYTES);
    try {
      int read = epoll.fd().read(bytes.internalNioBuffer(0, EARLY_BYTES), 0, EARLY_BYTES);
      return bytes.writerIndex(Math.max(read, 0));
    } catch (IOException e) {
      fail(e);
      return bytes;
    }
  }

  @Override
  public void start(Events events) {
    this.events = events;
    input.start(events);
    if (failure != null) {
      events.failed(failure);
    } else if (!input.isEnded()) {
      channel.config().setAutoRead(true);
    }
  }

  @Override
  public void write(ByteBuf data, Half from) {
    if (failure != null || outputEnding) {
      data.release();
    } else {
      writes.add(data, from);
    }
  }

  @Override
  public void flush() {
    writes.flush();
  }

  @Override
  public boolean isWritable() {
    return channel.isWritable();
  }

  @Override
  public void readable(boolean wanted) {
    channel.config().setAutoRead(wanted && !input.isEnded());
  }

  @Override
  public boolean countsWritten() {
    return false;
  }

  @Override
  public void written(int bytes) {}

  /** Netty's own shutdownOutput drops what is queued: it must wait for that to leave. */
  @Override
  public void shutdownOutput() {
    if (failure != null || outputEnding) {
      return;
    }
    outputEnding = true;
    writes.write();
    channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(this::allSent);
  }

  /** The peer that has ended its own side learns of this end by the close. */
  private void allSent(Future<?> done) {
    if (!done.isSuccess()) {
      fail(done.cause());
    } else if (failure == null && input.isEnded()) {
      ended();
    } else if (failure == null) {
      shutOutput();
    }
  }

  /** All has left, so the system call is enough: Netty's own way makes exceptions of what waits. */
  private void shutOutput() {
    try {
      if (channel instanceof UnixChannel unix && unix.fd() instanceof Socket socket) {
        socket.shutdown(false, true);
        outputShut();
      } else {
        channel.shutdownOutput().addListener(this::outputShut);
      }
    } catch (IOException | NotYetConnectedException e) {
      fail(new IOException("the peer left", e));
    }
  }

  private void outputShut(Future<?> done) {
    if (!done.isSuccess()) {
      fail(done.cause());
    } else if (failure == null) {
      outputShut();
    }
  }

  private void outputShut() {
    // From here on the peer's end is the end of all, which Netty then closes by itself.
    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
    ended();
  }

  private void ended() {
    outputEnded = true;
    events.outputEnded();
    closeWhenBothEnded();
  }

  @Override
  public void reset() {
    if (failure == null) {
      failure = new IOException("reset by the proxy");
      closeAtOnce();
    }
  }

  /** Breaks it as if its peer had, for a reason that is not the relay's. */
  public void breakOff(String why) {
    if (failure == null && !(input.isEnded() && outputEnded)) {
      failure = new IOException(why);
      closeAtOnce();
      if (events != null) {
        events.failed(failure);
      }
    }
  }

  private void closeAtOnce() {
    input.drop();
    try {
      channel.config().setOption(ChannelOption.SO_LINGER, 0);
    } catch (ChannelException e) {
      // The kernel has no connection any more that could be reset.
    }
    var _ = channel.close();
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    onActive.accept(this);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    input.data((ByteBuf) message);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    input.dataComplete();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == ChannelInputShutdownEvent.INSTANCE && failure == null && !input.isEnded()) {
      // Netty would ask epoll for more and be woken for nothing.
      channel.config().setAutoRead(false);
      input.end();
      closeWhenBothEnded();
    }
  }

  private void closeWhenBothEnded() {
    if (input.isEnded() && outputEnded) {
      var _ = channel.close();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (events != null && failure == null && channel.isWritable()) {
      events.writable();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    fail(cause);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (outputEnded && !input.isEnded() && failure == null) {
      input.end();
    } else if (!input.isEnded() || !outputEnded) {
      fail(new IOException("the connection was closed"));
    }
    input.drop();
    writes.drop();
  }

  private void fail(Throwable cause) {
    if (failure != null || (input.isEnded() && outputEnded)) {
      return;
    }
    failure = cause;
    input.drop();
    var _ = channel.close();
    if (events != null) {
      events.failed(cause);
    }
  }
}
