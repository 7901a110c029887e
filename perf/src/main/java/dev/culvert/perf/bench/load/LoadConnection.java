// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.load;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;

/** One connection of a load, the last handler of its channel. */
abstract class LoadConnection extends ByteToMessageDecoder {
  private final Tally tally;
  private final int streams;
  private final Events events;
  private int underWay;
  private ChannelHandlerContext context;

  /** Hears of a connection. */
  interface Events {
    /** TLS is there. */
    void ready(LoadConnection connection);

    /** It may send one more. */
    void room(LoadConnection connection);

    /** It takes no requests any more. */
    void broken(String why);
  }

  /**
   * @param streams requests at once
   */
  LoadConnection(Tally tally, int streams, Events events) {
    this.tally = tally;
    this.streams = streams;
    this.events = events;
  }

  final boolean hasRoom() {
    return underWay < streams;
  }

  /**
   * Sends a request.
   *
   * @param at when it was to be sent, by System.nanoTime
   */
  final void send(long at) {
    underWay++;
    request(context, at);
  }

  /** Writes one and flushes. */
  abstract void request(ChannelHandlerContext context, long at);

  /** What goes before the first request. */
  abstract void greet(ChannelHandlerContext context);

  /** One was answered that was to be sent at that time. */
  final void answered(boolean good, long at) {
    underWay--;
    tally.answer(good, System.nanoTime() - at);
    events.room(this);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake) {
      if (handshake.isSuccess()) {
        context = ctx;
        greet(ctx);
        events.ready(this);
      } else {
        events.broken("no TLS: " + handshake.cause());
      }
    }
  }

  @Override
  protected void handlerRemoved0(ChannelHandlerContext ctx) {
    tally.lost(underWay);
    events.broken("the door closed a connection");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    events.broken(cause.toString());
  }
}
