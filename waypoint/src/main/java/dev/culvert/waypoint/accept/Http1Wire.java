// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import dev.culvert.waypoint.http.Http1Output;
import dev.culvert.waypoint.http.ReadBudget;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;

/**
 * The wire of an HTTP/1 connection: what is read of it and when, what is written, and how it ends.
 * On its event loop.
 */
final class Http1Wire {
  private final Channel channel;
  private final Http1Requests requests;
  private final ReadBudget budget;
  private ChannelHandlerContext ctx;
  private ChannelHandlerContext requestsCtx;
  private Http1Output output;
  private boolean toHead;

  /**
   * @param window bytes that may be under way to the other end
   */
  Http1Wire(Channel channel, int maxHeadBytes, int window) {
    this.channel = channel;
    this.requests = new Http1Requests(maxHeadBytes);
    this.budget = new ReadBudget(channel, window);
  }

  /** Puts the codec and who uses it at the end of the pipeline. */
  void install(ChannelHandler client) {
    channel.pipeline().addLast("requests", requests).addLast("client", client);
    ctx = channel.pipeline().context(client);
    requestsCtx = channel.pipeline().context(requests);
    output = new Http1Output(ctx);
  }

  // === reading ===

  /** Whether a request has begun and is not whole. */
  boolean isMidway() {
    return requests.isMidway();
  }

  /** Whether bytes of a later request wait. */
  boolean holdsMore() {
    return requests.holdsMore();
  }

  /** So many bytes of a request are on their way. */
  void took(int bytes) {
    budget.took(bytes);
  }

  /** So many of them are with the other end. */
  void gave(int bytes) {
    budget.gave(bytes);
  }

  /** Reads nothing more while a later request waits. */
  void pauseIfMore() {
    if (requests.holdsMore()) {
      budget.pause(true);
    }
  }

  /** Nothing is under way. */
  void idle() {
    budget.reset();
  }

  /** Reads the next request. */
  void resume() {
    try {
      requests.resume(requestsCtx);
    } catch (Exception e) {
      ctx.fireExceptionCaught(e);
    }
  }

  // === writing ===

  /** The next response is to a HEAD request, or not. */
  void toHead(boolean is) {
    toHead = is;
  }

  /** Begins a response. */
  void begin(HttpResponse head) {
    output.begin(head, toHead);
  }

  /** Queues a part of it, or bytes of another protocol. */
  void data(ByteBuf data) {
    output.data(data);
  }

  /** Ends it. */
  void end(HttpHeaders trailers) {
    output.end(trailers);
  }

  void flush() {
    output.flush();
  }

  boolean isWritable() {
    return channel.isWritable();
  }

  /** From now on both ways carry what is no HTTP. */
  void speakBytes() {
    output.speakBytes();
    // Not within a read of it, and what it holds comes out as bytes.
    channel.eventLoop().execute(this::readBytes);
  }

  private void readBytes() {
    if (channel.pipeline().context(requests) != null) {
      channel.pipeline().remove(requests);
      budget.pause(false);
    }
  }

  // === ending ===

  /** Answers what could not be read, and ends. */
  void refuse(int status) {
    toHead(false);
    begin(SmallAnswer.closing(status));
    linger(false);
  }

  /**
   * Ends so that the client gets what was answered.
   *
   * @param last whether the client said that it sends no other request
   */
  void linger(boolean last) {
    output.pass();
    if (last && !requests.holdsMore()) {
      Lingering.closeAtOnce(channel);
    } else {
      Lingering.close(channel);
    }
  }

  void close() {
    output.close();
    var _ = ctx.close();
  }

  /** It is closed. */
  void closed() {
    output.close();
  }
}
