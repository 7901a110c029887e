// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.tls;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/**
 * Carries a TLS 1.3 session on once its handshake is over, in the place of Netty's handler, which
 * makes views, results and promises for each record. The handshake with all its checks stays
 * Netty's. What is read leaves as one buffer or two, what is flushed as one.
 *
 * <p>What is not a record of the peer ends the connection (RFC 8446 5.2), after the alert that says
 * so. A peer's close_notify is answered by ours and a close; a connection that ends without one is
 * for the next handler to judge, as what it carries says itself whether it is whole.
 */
public final class TlsRecords extends ChannelDuplexHandler {
  /** So much is sealed without a flush too: it counts as unsent from then on. */
  private static final int MOST_GATHERED = 128 * 1024;

  /** How long a peer that reads nothing keeps a connection from its close. */
  private static final int CLOSE_SECONDS = 3;

  private final ReferenceCountedOpenSslEngine engine;
  private OpenSession session;
  private RecordReader input;
  private RecordWriter output;
  private boolean ended;

  private TlsRecords(ReferenceCountedOpenSslEngine engine) {
    this.engine = engine;
  }

  /** Whether a session of this engine can be carried on with such buffers. */
  public static boolean fit(SSLEngine engine, ByteBufAllocator allocator) {
    if (!(engine instanceof ReferenceCountedOpenSslEngine)) {
      return false;
    }
    ByteBuf sample = allocator.directBuffer(1);
    try {
      return sample.hasMemoryAddress();
    } finally {
      sample.release();
    }
  }

  /**
   * Takes the place of Netty's handler after the handshake, and not from within that handler: what
   * it does not finish would be lost.
   *
   * @return false when the session is over already
   */
  public static boolean replace(ChannelPipeline pipeline, SslHandler handshake) {
    var engine = (ReferenceCountedOpenSslEngine) handshake.engine();
    if (engine.sslPointer() == 0) {
      return false;
    }
    pipeline.replace(handshake, "tls", new TlsRecords(engine));
    return true;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    session = new OpenSession(engine);
    input = new RecordReader(session, ctx.alloc());
    output = new RecordWriter(session, ctx.alloc());
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    ended = true;
    output.close();
    session.close();
  }

  /** All that the session is asked for comes before anybody is told, who may close it. */
  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    if (ended || !in.isReadable()) {
      in.release();
      return;
    }
    ByteBuf records = withAddress(ctx, in);
    ByteBuf first = input.read(records);
    ByteBuf answers = session.answers(ctx.alloc());
    if (answers != null) {
      var _ = ctx.writeAndFlush(answers, ctx.voidPromise());
    }
    deliver(ctx, first);
    deliver(ctx, records);
    switch (input.state()) {
      case OPEN -> {}
      case ENDED -> close(ctx, ctx.newPromise());
      case BROKEN -> fail(ctx, input.failure());
    }
  }

  private static ByteBuf withAddress(ChannelHandlerContext ctx, ByteBuf in) {
    if (in.hasMemoryAddress() && !in.isReadOnly()) {
      return in;
    }
    try {
      return ctx.alloc().directBuffer(in.readableBytes()).writeBytes(in);
    } finally {
      in.release();
    }
  }

  private static void deliver(ChannelHandlerContext ctx, ByteBuf plaintext) {
    if (plaintext == null) {
      return;
    }
    if (plaintext.isReadable()) {
      ctx.fireChannelRead(plaintext);
    } else {
      plaintext.release();
    }
  }

  private void fail(ChannelHandlerContext ctx, SSLException cause) {
    if (!ended) {
      ended = true;
      output.close();
      ctx.fireExceptionCaught(cause);
      var _ = ctx.close();
    }
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    ByteBuf data = (ByteBuf) message;
    if (ended) {
      data.release();
      if (!promise.isVoid()) {
        promise.tryFailure(new ClosedChannelException());
      }
      return;
    }
    output.add(data);
    if (!promise.isVoid() || output.bytes() >= MOST_GATHERED) {
      seal(ctx, promise);
    }
  }

  /** Without anything to seal, the promise still waits for what was written before. */
  private void seal(ChannelHandlerContext ctx, ChannelPromise promise) {
    try {
      ByteBuf records = output.seal();
      if (records != null) {
        var _ = ctx.write(records, promise);
      } else if (!promise.isVoid()) {
        var _ = ctx.write(Unpooled.EMPTY_BUFFER, promise);
      }
    } catch (SSLException e) {
      if (!promise.isVoid()) {
        promise.tryFailure(e);
      }
      fail(ctx, e);
    }
  }

  @Override
  public void flush(ChannelHandlerContext ctx) {
    if (!ended) {
      seal(ctx, ctx.voidPromise());
    }
    ctx.flush();
  }

  /** Says so first, to a peer that would otherwise take it for cut off. */
  @Override
  public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
    if (ended || !ctx.channel().isActive()) {
      ended = true;
      var _ = ctx.close(promise);
      return;
    }
    seal(ctx, ctx.voidPromise());
    if (ended) {
      var _ = ctx.close(promise);
      return;
    }
    ended = true;
    session.end();
    ByteBuf notice = session.answers(ctx.alloc());
    ChannelPromise sent = ctx.newPromise();
    var _ = ctx.writeAndFlush(notice == null ? Unpooled.EMPTY_BUFFER : notice, sent);
    if (sent.isDone()) {
      var _ = ctx.close(promise);
    } else {
      closeLater(ctx, sent, promise);
    }
  }

  private static void closeLater(
      ChannelHandlerContext ctx, ChannelPromise sent, ChannelPromise promise) {
    Future<?> patience =
        ctx.executor()
            .schedule(
                () -> {
                  var _ = ctx.close(promise);
                },
                CLOSE_SECONDS,
                TimeUnit.SECONDS);
    sent.addListener(
        done -> {
          if (patience.cancel(false)) {
            var _ = ctx.close(promise);
          }
        });
  }
}
