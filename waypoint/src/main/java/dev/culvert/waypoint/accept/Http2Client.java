// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import dev.culvert.waypoint.http.Http2Bounds;
import dev.culvert.waypoint.http.Http2Fields;
import dev.culvert.waypoint.http.Http2Messages;
import dev.culvert.waypoint.http.Http2Session;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A client's HTTP/2 connection: each stream is an exchange. */
final class Http2Client extends Http2Session {
  /** As many streams at their full window. */
  private static final int STREAMS_AT_FULL_SPEED = 16;

  /** So often within the time that a stream may stand still. */
  private static final int LOOKS = 4;

  private final ClientConnection connection;
  private final AcceptSettings settings;
  private final ExchangeStarter exchanges;
  private final IdleWatch watch;
  private final Duration patience;
  private @Nullable Future<?> look;

  private Http2Client(
      ClientConnection connection, AcceptSettings settings, ExchangeStarter exchanges) {
    super(
        true,
        new Http2Bounds(
            settings.maxHeadBytes(),
            settings.streamWindow(),
            settings.streamWindow() * STREAMS_AT_FULL_SPEED,
            settings.maxStreams()));
    this.connection = connection;
    this.settings = settings;
    this.exchanges = exchanges;
    this.watch = new IdleWatch(connection.loop(), this::expired);
    this.patience = settings.streamIdle().multipliedBy(2);
  }

  /** Puts a client's handler at the end of the pipeline. */
  static void install(
      Channel channel,
      ClientConnection connection,
      AcceptSettings settings,
      ExchangeStarter exchanges) {
    channel.pipeline().addLast("client", new Http2Client(connection, settings, exchanges));
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) throws Exception {
    super.handlerAdded(added);
    moved();
  }

  @Override
  public void channelInactive(ChannelHandlerContext from) throws Exception {
    watch.stop();
    if (look != null) {
      look.cancel(false);
    }
    super.channelInactive(from);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext from, Object event) throws Exception {
    if (event == Drain.BEGIN) {
      drain();
    }
    super.userEventTriggered(from, event);
  }

  /** Streams end one by one before the connection does, on which nothing moves at all. */
  @Override
  protected long moved() {
    boolean idle = streamCount() == 0;
    return watch.expect(idle ? settings.keepAlive() : patience);
  }

  private void expired() {
    context().channel().unsafe().close(context().channel().unsafe().voidPromise());
  }

  /** One look at all of them costs less than a timer for each request. */
  private void lookSoon() {
    if (look == null) {
      long nanos = settings.streamIdle().dividedBy(LOOKS).toNanos();
      look = connection.loop().schedule(this::look, nanos, TimeUnit.NANOSECONDS);
    }
  }

  private void look() {
    look = null;
    long oldest = System.nanoTime() - settings.streamIdle().toNanos();
    forEach(end -> ((Http2ClientStream) end).endIfIdleSince(oldest));
    if (streamCount() > 0) {
      lookSoon();
    }
  }

  @Override
  protected void opened(int id, Http2Fields fields, boolean ended) {
    Http2ClientStream end =
        new Http2ClientStream(this, id, connection, fields.isWebSocket(), ended);
    attach(end);
    lookSoon();
    try {
      HttpRequest head = Http2Messages.request(fields, ended);
      end.expectBody(head);
      StrictHead.checkSemantics(head, settings.maxHeaders());
      end.begin(exchanges, head);
    } catch (RejectedRequestException e) {
      exchanges.rejected(connection, e.status(), e.getMessage());
      end.refuse(e.status());
    } catch (IllegalArgumentException e) {
      exchanges.rejected(connection, HttpResponseStatus.BAD_REQUEST.code(), e.getMessage());
      end.refuse(HttpResponseStatus.BAD_REQUEST.code());
    }
  }

  @Override
  protected void tooLarge(int id) {
    HttpResponseStatus status = HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE;
    exchanges.rejected(
        connection,
        status.code(),
        "a head of more than %d bytes".formatted(settings.maxHeadBytes()));
    refuse(id, new DefaultHttpResponse(HttpVersion.HTTP_1_1, status));
  }
}
