// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import dev.culvert.waypoint.http.Http1Exception;
import dev.culvert.waypoint.http.Http1Messages;
import dev.culvert.waypoint.http.ResponseFlag;
import dev.culvert.waypoint.http.StreamFailure;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.ReferenceCountUtil;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A client's HTTP/1 connection: one exchange after the other. It goes on only when both messages of
 * an exchange came to their end; otherwise it would read the rest of a body as a request.
 */
final class Http1Client extends ChannelInboundHandlerAdapter implements Http1Messages {
  private final ClientConnection connection;
  private final AcceptSettings settings;
  private final ExchangeStarter exchanges;
  private final BooleanSupplier draining;
  private final Http1Wire wire;
  private final IdleWatch watch;

  private @Nullable HttpRequest head;
  private @Nullable Http1ClientStream stream;
  private boolean inHead;
  private boolean dying;

  private Http1Client(
      Http1Wire wire,
      ClientConnection connection,
      AcceptSettings settings,
      ExchangeStarter exchanges,
      BooleanSupplier draining) {
    this.wire = wire;
    this.connection = connection;
    this.settings = settings;
    this.exchanges = exchanges;
    this.draining = draining;
    this.watch = new IdleWatch(connection.loop(), this::expired);
  }

  /** Puts a client's handlers at the end of the pipeline. */
  static void install(
      Channel channel,
      ClientConnection connection,
      AcceptSettings settings,
      ExchangeStarter exchanges,
      BooleanSupplier draining) {
    Http1Wire wire = new Http1Wire(channel, settings.maxHeadBytes(), settings.streamWindow());
    wire.install(new Http1Client(wire, connection, settings, exchanges, draining));
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    inHead = true;
    watch.expect(settings.headTimeout());
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext removed) {
    wire.closed();
  }

  // === what the client sends ===

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (dying) {
      ReferenceCountUtil.release(message);
    } else {
      wire.read((ByteBuf) message);
    }
  }

  @Override
  public long head(byte[] bytes) throws Http1Exception {
    HttpRequest read = Http1Requests.read(bytes, settings.maxHeaders());
    long length = RequestBodyLength.of(read);
    head = read;
    return length;
  }

  @Override
  public void begin() {
    HttpRequest begins = head;
    head = null;
    inHead = false;
    try {
      StrictHead.check(begins, settings.maxHeaders());
    } catch (RejectedRequestException e) {
      reject(e.status(), e.getMessage());
      return;
    }
    moved();
    wire.toHead(begins.method().equals(HttpMethod.HEAD));
    Http1ClientStream begun = new Http1ClientStream(this, wire, begins);
    stream = begun;
    begun.begin(exchanges, begins);
    if (dying) {
      begun.closed(); // it broke before there was anybody to tell
    }
  }

  @Override
  public void data(ByteBuf bytes) {
    moved();
    if (stream == null) {
      bytes.release();
    } else {
      stream.data(bytes);
    }
  }

  @Override
  public void ended(HttpHeaders trailers) {
    if (stream != null) {
      stream.requestEnded(trailers);
    }
  }

  @Override
  public void unreadable(Http1Exception problem) {
    if (stream == null) {
      reject(problem.status(), problem.getMessage());
    } else {
      fail(ResponseFlag.CLIENT_PROTOCOL, problem.getMessage(), problem.status());
    }
  }

  private void reject(int status, String problem) {
    exchanges.rejected(connection, status, problem);
    refuse(status);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    dataComplete();
  }

  @Override
  public void dataComplete() {
    if (stream != null) {
      stream.dataComplete();
    } else if (!dying && !inHead && wire.isMidway()) {
      inHead = true; // bytes that drip in do not prolong it
      watch.expect(settings.headTimeout());
    }
    wire.pauseIfMore();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (stream != null && wire.isWritable()) {
      stream.writable();
    }
  }

  // === what the stream says ===

  ClientConnection connection() {
    return connection;
  }

  boolean isDraining() {
    return draining.getAsBoolean();
  }

  /** An exchange is under way. */
  void moved() {
    watch.expect(settings.streamIdle());
  }

  /** The response is whole, and the request as much of it as will be read. */
  void ended(Http1ClientStream ended) {
    if (dying) {
      return;
    }
    if (ended.leavesConnection()) {
      next();
    } else {
      over();
      wire.linger(ended.isLast());
    }
  }

  private void next() {
    stream = null;
    watch.expect(settings.keepAlive());
    wire.idle();
    if (isDraining() && !wire.holdsMore()) {
      over();
      wire.linger(false);
    } else {
      wire.resume();
    }
  }

  // === what ends it ===

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    Http1ClientStream last = stream;
    over();
    if (last != null) {
      last.closed();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (stream != null) {
      String problem = String.valueOf(cause.getMessage());
      stream.failed(new StreamFailure(ResponseFlag.CLIENT_CLOSED, problem));
    }
    die();
  }

  /** Ends at once when nothing is under way, else with the response. */
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == Drain.BEGIN && stream == null && !wire.isMidway()) {
      die();
    }
    ctx.fireUserEventTriggered(event);
  }

  private void expired() {
    if (stream == null) {
      die(); // between requests, or in a head: nobody waits for an answer that this could hurt
    } else {
      int status = HttpResponseStatus.REQUEST_TIMEOUT.code();
      fail(ResponseFlag.IDLE_TIMEOUT, "nothing moved for too long", status);
    }
  }

  /** Tells the exchange, and the client where it can still be told. */
  private void fail(ResponseFlag flag, String problem, int status) {
    boolean answered = stream == null || stream.isAnswered();
    if (stream != null) {
      stream.failed(new StreamFailure(flag, problem));
    }
    if (answered) {
      die();
    } else {
      refuse(status);
    }
  }

  private void refuse(int status) {
    over();
    wire.refuse(status);
  }

  void die() {
    over();
    wire.close();
  }

  private void over() {
    dying = true;
    stream = null;
    watch.stop();
  }
}
