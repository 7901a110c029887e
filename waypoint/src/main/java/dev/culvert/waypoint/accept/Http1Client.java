// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import dev.culvert.waypoint.http.HopByHop;
import dev.culvert.waypoint.http.HttpStream;
import dev.culvert.waypoint.http.ReadBudget;
import dev.culvert.waypoint.http.StreamFailure;
import dev.culvert.waypoint.observe.ResponseFlag;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A client's HTTP/1 connection: one exchange after the other. It keeps the connection only when
 * both messages of an exchange came to their end; otherwise it would read the rest of a body as a
 * request.
 */
final class Http1Client extends ChannelInboundHandlerAdapter implements ClientStream {
  private final ClientConnection connection;
  private final AcceptSettings settings;
  private final ExchangeStarter exchanges;
  private final BooleanSupplier draining;
  private final Http1Requests requests;
  private final Http1Responses responses;
  private final IdleWatch watch;
  private final ReadBudget budget;

  private ChannelHandlerContext ctx;
  private HttpStream.@Nullable Events current;
  private boolean http10;
  private boolean keepAlive;
  private boolean lastRequest;
  private boolean requestEnded = true;
  private boolean responseStarted;
  private boolean responseEnded = true;
  private boolean bodyless;
  private boolean tunnel;
  private boolean dying;

  private Http1Client(
      Channel channel,
      ClientConnection connection,
      AcceptSettings settings,
      ExchangeStarter exchanges,
      BooleanSupplier draining) {
    this.connection = connection;
    this.settings = settings;
    this.exchanges = exchanges;
    this.draining = draining;
    this.requests = new Http1Requests(settings.maxHeadBytes());
    this.responses = new Http1Responses();
    this.watch = new IdleWatch(connection.loop(), this::expired);
    this.budget = new ReadBudget(channel, settings.streamWindow());
  }

  /** Puts a client's handlers at the end of the pipeline. */
  static void install(
      Channel channel,
      ClientConnection connection,
      AcceptSettings settings,
      ExchangeStarter exchanges,
      BooleanSupplier draining) {
    Http1Client client = new Http1Client(channel, connection, settings, exchanges, draining);
    channel
        .pipeline()
        .addLast("requests", client.requests)
        .addLast("responses", client.responses)
        .addLast("client", client);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    ctx = added;
    watch.expect(settings.headTimeout());
  }

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) {
    if (dying) {
      ReferenceCountUtil.release(message);
    } else if (message instanceof HttpRequest head) {
      begin(head);
      if (message instanceof HttpContent content) {
        content(content);
      }
    } else if (message instanceof HttpContent content) {
      content(content);
    } else if (message instanceof ByteBuf bytes) {
      data(bytes);
    } else {
      ReferenceCountUtil.release(message);
    }
  }

  private void begin(HttpRequest head) {
    if (head.decoderResult().cause() instanceof PrematureChannelClosureException) {
      return;
    }
    requestEnded = false;
    responseStarted = false;
    responseEnded = false;
    try {
      StrictHead.check(head, settings.maxHeaders());
    } catch (RejectedRequestException e) {
      reject(e);
      return;
    }
    http10 = head.protocolVersion().equals(HttpVersion.HTTP_1_0);
    keepAlive = HttpUtil.isKeepAlive(head);
    lastRequest = !keepAlive;
    requestEnded = hasNoBody(head.headers());
    responses.toHead(head.method().equals(HttpMethod.HEAD));
    bodyless = head.method().equals(HttpMethod.HEAD);
    watch.expect(settings.streamIdle());
    HttpStream.Events events = exchanges.begin(this, head);
    current = responseEnded ? null : events;
  }

  /** Known before the end of it comes: an answer may be given at once. */
  private static boolean hasNoBody(HttpHeaders headers) {
    String length = headers.get(HttpHeaderNames.CONTENT_LENGTH);
    return !headers.contains(HttpHeaderNames.TRANSFER_ENCODING)
        && (length == null || length.equals("0"));
  }

  private void content(HttpContent content) {
    if (content.decoderResult().isFailure()) {
      content.release();
      broken(StrictHead.unreadable(content.decoderResult().cause()));
      return;
    }
    if (content.content().isReadable()) {
      data(content.content());
    } else {
      content.release();
    }
    if (content instanceof LastHttpContent last && !dying) {
      requestEnded = true;
      if (current != null) {
        current.ended(last.trailingHeaders());
      }
      nextIfDone();
    }
  }

  private void data(ByteBuf bytes) {
    watch.expect(settings.streamIdle());
    if (current == null) {
      bytes.release();
      return;
    }
    budget.took(bytes.readableBytes());
    current.data(bytes);
  }

  /** The request turned out unreadable after its head. */
  private void broken(RejectedRequestException problem) {
    HttpStream.Events told = current;
    current = null;
    if (told != null) {
      told.failed(new StreamFailure(ResponseFlag.CLIENT_PROTOCOL, problem.getMessage()));
    }
    if (responseStarted) {
      die();
    } else {
      answerAndDie(problem.status());
    }
  }

  private void reject(RejectedRequestException problem) {
    exchanges.rejected(connection, problem.status(), problem.getMessage());
    answerAndDie(problem.status());
  }

  private void answerAndDie(int status) {
    responses.toHead(false);
    queue(SmallAnswer.closing(status));
    responseStarted = true;
    linger();
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext from) {
    if (current != null) {
      current.dataComplete();
    } else if (responseEnded && requests.isMidway() && !dying) {
      watch.expect(settings.headTimeout());
    }
    if (requests.holdsMore()) {
      budget.pause(true);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext from) {
    if (current != null && from.channel().isWritable()) {
      current.writable();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext from) {
    watch.stop();
    dying = true;
    HttpStream.Events told = current;
    current = null;
    if (told != null && tunnel) {
      told.ended(LastHttpContent.EMPTY_LAST_CONTENT.trailingHeaders());
    } else if (told != null) {
      told.failed(new StreamFailure(ResponseFlag.CLIENT_CLOSED, "the client closed"));
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
    HttpStream.Events told = current;
    current = null;
    if (told != null) {
      told.failed(
          new StreamFailure(ResponseFlag.CLIENT_CLOSED, String.valueOf(cause.getMessage())));
    }
    die();
  }

  private void expired() {
    if (responseEnded) {
      die(); // between requests, or in a head: nobody waits for an answer that this could hurt
      return;
    }
    HttpStream.Events told = current;
    current = null;
    if (told != null) {
      told.failed(new StreamFailure(ResponseFlag.IDLE_TIMEOUT, "nothing moved for too long"));
    }
    if (responseStarted) {
      die();
    } else {
      answerAndDie(HttpResponseStatus.REQUEST_TIMEOUT.code());
    }
  }

  // === ClientStream ===

  @Override
  public ClientConnection connection() {
    return connection;
  }

  @Override
  public boolean isRequestEnded() {
    return requestEnded;
  }

  @Override
  public void respond(HttpResponse head) {
    int status = head.status().code();
    if (status == HttpResponseStatus.SWITCHING_PROTOCOLS.code()) {
      switchProtocol(head);
    } else if (status < 200) {
      if (!http10) {
        queue(head);
        queue(LastHttpContent.EMPTY_LAST_CONTENT);
      }
    } else {
      responseStarted = true;
      frame(head, status);
      queue(head);
    }
  }

  private void frame(HttpResponse head, int status) {
    HttpHeaders headers = head.headers();
    boolean empty = bodyless || status == 204 || status == 304;
    if (!empty && !headers.contains(HttpHeaderNames.CONTENT_LENGTH)) {
      if (http10) {
        keepAlive = false;
      } else {
        headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
      }
    }
    keepAlive &= !draining.getAsBoolean();
    if (!keepAlive) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    } else if (http10) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
    }
  }

  private void switchProtocol(HttpResponse head) {
    responseStarted = true;
    keepAlive = false;
    tunnel = true;
    head.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
    queue(head);
    queue(LastHttpContent.EMPTY_LAST_CONTENT);
    ctx.pipeline().remove(responses);
    // Not within a read of it, and what it holds comes out as bytes.
    connection
        .loop()
        .execute(
            () -> {
              if (ctx.pipeline().context(requests) != null) {
                ctx.pipeline().remove(requests);
                budget.pause(false);
              }
            });
  }

  @Override
  public void write(ByteBuf data) {
    watch.expect(settings.streamIdle());
    queue(tunnel ? data : new DefaultHttpContent(data));
  }

  @Override
  public void end(HttpHeaders trailers) {
    responseEnded = true;
    if (tunnel) {
      current = null;
      linger();
      return;
    }
    queue(last(trailers));
    if (!requestEnded) {
      current = null;
      linger();
    } else {
      current = null;
      nextIfDone();
    }
  }

  private void queue(Object message) {
    var _ = ctx.write(message, ctx.voidPromise());
  }

  private static LastHttpContent last(HttpHeaders trailers) {
    if (trailers.isEmpty()) {
      return LastHttpContent.EMPTY_LAST_CONTENT;
    }
    DefaultLastHttpContent last = new DefaultLastHttpContent();
    HopByHop.copyTrailers(trailers, last.trailingHeaders());
    return last;
  }

  private void nextIfDone() {
    if (!requestEnded || !responseEnded || dying) {
      return;
    }
    if (!keepAlive) {
      linger();
      return;
    }
    watch.expect(settings.keepAlive());
    budget.reset();
    if (draining.getAsBoolean() && !requests.holdsMore()) {
      linger();
      return;
    }
    try {
      requests.resume(ctx.pipeline().context(requests));
    } catch (Exception e) {
      ctx.fireExceptionCaught(e);
    }
  }

  @Override
  public void flush() {
    ctx.flush();
  }

  @Override
  public boolean isWritable() {
    return ctx.channel().isWritable();
  }

  @Override
  public void consumed(int bytes) {
    budget.gave(bytes);
  }

  @Override
  public void reset() {
    if (!responseEnded) {
      current = null;
      die();
    }
  }

  /** Ends at once when nothing is under way, else with the response. */
  @Override
  public void userEventTriggered(ChannelHandlerContext from, Object event) {
    if (event == Drain.BEGIN && responseEnded && !requests.isMidway()) {
      die();
    }
    from.fireUserEventTriggered(event);
  }

  private void linger() {
    dying = true;
    responseEnded = true;
    watch.stop();
    // Who said "close" sends no other request (RFC 9112, section 9.6).
    if (lastRequest && requestEnded && !tunnel && !requests.holdsMore()) {
      Lingering.closeAtOnce(ctx.channel());
    } else {
      Lingering.close(ctx.channel());
    }
  }

  private void die() {
    dying = true;
    responseEnded = true;
    watch.stop();
    var _ = ctx.close();
  }
}
