// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.stream;

import dev.culvert.ztunnel.transport.Half;
import dev.culvert.ztunnel.transport.HalfInput;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A connection whose TLS is ours as one end of a passage; the last handler of its channel. Its end
 * is a close_notify, or that of the socket for peers that send none. Whoever said the last word
 * hears none: TLS libraries answer a close_notify with their own (RFC 5246, section 7.2.1).
 */
final class TlsHalf extends ChannelInboundHandlerAdapter implements Half {
  private final Channel channel;
  private final HalfInput input = new HalfInput();
  private @Nullable Events events;
  private @Nullable Throwable failure;
  private boolean outputEnding;
  private boolean outputEnded;
  private boolean gone;

  TlsHalf(Channel channel) {
    this.channel = channel;
  }

  @Override
  public void start(Events taker) {
    events = taker;
    input.start(taker);
    if (failure != null) {
      taker.failed(failure);
    } else if (!input.isEnded()) {
      channel.config().setAutoRead(true);
    }
  }

  @Override
  public void write(ByteBuf data, Half from) {
    if (gone) {
      // Not at once: its writer is in the middle of something.
      channel.eventLoop().execute(() -> fail(new IOException("the peer left")));
    }
    if (gone || failure != null || outputEnding) {
      data.release();
      return;
    }
    if (!from.countsWritten()) {
      var _ = channel.write(data, channel.voidPromise());
      return;
    }
    int bytes = data.readableBytes();
    channel
        .write(data)
        .addListener(
            done -> {
              if (done.isSuccess()) {
                from.written(bytes);
              } else {
                fail(done.cause());
              }
            });
  }

  @Override
  public void flush() {
    channel.flush();
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

  @Override
  public void shutdownOutput() {
    if (failure != null || outputEnding) {
      return;
    }
    outputEnding = true;
    if (gone) {
      ended();
    } else {
      channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(this::allSent);
    }
  }

  /** What still waits would be lost behind the close_notify. */
  private void allSent(Future<?> done) {
    if (done.isSuccess() && !input.isEnded()) {
      channel.pipeline().get(SslHandler.class).closeOutbound().addListener(this::notified);
    } else {
      notified(done);
    }
  }

  private void notified(Future<?> done) {
    if (done.isSuccess() || input.isEnded()) {
      ended();
    } else {
      fail(done.cause());
    }
  }

  private void ended() {
    if (failure != null || outputEnded) {
      return;
    }
    outputEnded = true;
    if (events != null) {
      events.outputEnded();
    }
    closeWhenBothEnded();
  }

  private void closeWhenBothEnded() {
    if (input.isEnded() && outputEnded) {
      var _ = channel.close();
    }
  }

  /** Past TLS, whose close_notify would make a whole of it. */
  @Override
  public void reset() {
    if (failure == null) {
      failure = new IOException("reset by the proxy");
      input.drop();
      try {
        channel.config().setOption(ChannelOption.SO_LINGER, 0);
      } catch (ChannelException e) {
        // The kernel has no connection any more that could be reset.
      }
      channel.unsafe().close(channel.unsafe().voidPromise());
    }
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
    if (event == SslCloseCompletionEvent.SUCCESS && failure == null && !input.isEnded()) {
      input.end();
      closeWhenBothEnded();
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

  /** What it sent goes on; who writes to it from now on learns that it left. */
  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    gone = true;
    if (failure != null) {
      return;
    }
    if (!input.isEnded()) {
      input.end();
    }
    if (outputEnding) {
      ended();
    }
  }
}
