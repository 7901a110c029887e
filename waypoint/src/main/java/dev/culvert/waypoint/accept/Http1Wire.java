// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import dev.culvert.waypoint.http.Http1Input;
import dev.culvert.waypoint.http.Http1Messages;
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
  private final ReadBudget budget;
  private final int maxHeadBytes;
  private ChannelHandlerContext ctx;
  private Http1Input input;
  private Http1Output output;
  private boolean toHead;

  /**
   * @param window bytes that may be under way to the other end
   */
  Http1Wire(Channel channel, int maxHeadBytes, int window) {
    this.channel = channel;
    this.maxHeadBytes = maxHeadBytes;
    this.budget = new ReadBudget(channel, window);
  }

  /** Puts who uses it at the end of the pipeline. */
  <C extends ChannelHandler & Http1Messages> void install(C client) {
    input = new Http1Input(client, channel.alloc(), true, maxHeadBytes);
    channel.pipeline().addLast("client", client);
    ctx = channel.pipeline().context(client);
    output = new Http1Output(ctx);
  }

  // === reading ===

  /** Reads what came. */
  void read(ByteBuf bytes) {
    input.read(bytes);
  }

  /** Whether a request has begun and is not whole. */
  boolean isMidway() {
    return input.isMidway();
  }

  /** Whether bytes of a later request wait. */
  boolean holdsMore() {
    return input.holdsMore();
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
    if (!input.isMidway() && input.holdsMore()) {
      budget.pause(true);
    }
  }

  /** Nothing is under way. */
  void idle() {
    budget.reset();
  }

  /** Reads the next request. */
  void resume() {
    input.resume();
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
    budget.pause(false);
    input.speakBytes();
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
    boolean more = input.holdsMore();
    input.stop();
    output.pass();
    if (last && !more) {
      Lingering.closeAtOnce(channel);
    } else {
      Lingering.close(channel);
    }
  }

  void close() {
    closed();
    var _ = ctx.close();
  }

  /** It is closed. */
  void closed() {
    input.stop();
    output.close();
  }
}
