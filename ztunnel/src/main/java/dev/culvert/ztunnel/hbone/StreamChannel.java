// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.ztunnel.transport.Half;
import dev.culvert.ztunnel.transport.Leaving;
import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import java.net.SocketAddress;

/**
 * A stream of a tunnel as a connection of its own: for a tunnel within the tunnel, or for a
 * protocol that is spoken in it. What is written waits here while the stream takes no more; while
 * nobody wants to read, what comes waits in the stream, whose window stays closed for it.
 */
public final class StreamChannel extends AbstractChannel {
  private static final ChannelMetadata METADATA = new ChannelMetadata(false);

  private final HboneStream stream;
  private final Channel outer;
  private final ChannelConfig config = new Config();
  private final Half source = new Source();
  private boolean open = true;
  private boolean paused;

  /**
   * @param outer the connection that the stream is in
   */
  StreamChannel(HboneStream stream, Channel outer) {
    super(null);
    this.stream = stream;
    this.outer = outer;
  }

  /**
   * Makes a connection of a stream, on the stream's event loop.
   *
   * @param handler takes it, before anything is read
   */
  public static StreamChannel open(HboneStream stream, ChannelHandler handler) {
    StreamChannel channel = new StreamChannel(stream, stream.channel());
    channel.pipeline().addLast(handler);
    var _ = stream.channel().eventLoop().register(channel);
    channel.start();
    return channel;
  }

  /** Begins to deliver what the stream brings; once registered. */
  void start() {
    stream.start(new Incoming());
  }

  @Override
  protected void doWrite(ChannelOutboundBuffer waiting) {
    while (stream.isWritable() && waiting.current() instanceof ByteBuf bytes) {
      stream.write(bytes.retainedDuplicate(), source);
      waiting.remove();
    }
    stream.flush();
  }

  /** What was written goes on: the far end closes when it has it. */
  @Override
  protected void doClose() {
    open = false;
    stream.shutdownOutput();
    // What still comes is dropped, and must not keep its window.
    stream.readable(true);
  }

  /** Not within the call: who asks for more is often in the middle of taking something. */
  @Override
  protected void doBeginRead() {
    if (paused) {
      paused = false;
      eventLoop().execute(this::readOn);
    }
  }

  private void readOn() {
    if (open && !paused) {
      stream.readable(true);
    }
  }

  private void pause() {
    if (open && !paused) {
      paused = true;
      stream.readable(false);
    }
  }

  @Override
  public ChannelConfig config() {
    return config;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public boolean isActive() {
    return open;
  }

  @Override
  public ChannelMetadata metadata() {
    return METADATA;
  }

  @Override
  protected AbstractUnsafe newUnsafe() {
    return new Unsafe();
  }

  @Override
  protected boolean isCompatible(EventLoop loop) {
    return true;
  }

  @Override
  protected SocketAddress localAddress0() {
    return outer.localAddress();
  }

  @Override
  protected SocketAddress remoteAddress0() {
    return outer.remoteAddress();
  }

  @Override
  protected void doBind(SocketAddress address) {
    throw new UnsupportedOperationException("a stream is not bound");
  }

  @Override
  protected void doDisconnect() {
    doClose();
  }

  private final class Unsafe extends AbstractUnsafe {
    @Override
    public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
      promise.setFailure(new UnsupportedOperationException("a stream is connected already"));
    }
  }

  private final class Config extends DefaultChannelConfig {
    Config() {
      super(StreamChannel.this);
    }

    @Override
    protected void autoReadCleared() {
      pause();
    }
  }

  private final class Incoming implements Half.Events {
    @Override
    public void data(ByteBuf data) {
      int bytes = data.readableBytes();
      if (open) {
        pipeline().fireChannelRead(data);
      } else {
        data.release();
      }
      stream.written(bytes);
    }

    @Override
    public void dataComplete() {
      pipeline().fireChannelReadComplete();
    }

    @Override
    public void inputEnded() {
      var _ = close();
    }

    @Override
    public void outputEnded() {}

    /** Not at once: it may be told while this writes. */
    @Override
    public void writable() {
      eventLoop().execute(() -> unsafe().flush());
    }

    /** Not at once: who hears it may end streams of the tunnel that is telling them all. */
    @Override
    public void leaving() {
      eventLoop().execute(() -> pipeline().fireUserEventTriggered(Leaving.PEER));
    }

    @Override
    public void failed(Throwable cause) {
      if (open) {
        pipeline().fireExceptionCaught(cause);
        var _ = close();
      }
    }
  }

  /** Where what is written comes from; nobody counts it. */
  private static final class Source implements Half {
    @Override
    public void start(Events events) {}

    @Override
    public void write(ByteBuf data, Half from) {
      data.release();
    }

    @Override
    public void flush() {}

    @Override
    public boolean isWritable() {
      return false;
    }

    @Override
    public void readable(boolean wanted) {}

    @Override
    public boolean countsWritten() {
      return false;
    }

    @Override
    public void written(int bytes) {}

    @Override
    public void shutdownOutput() {}

    @Override
    public void reset() {}
  }
}
