// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import dev.culvert.waypoint.http.Http2Messages;
import dev.culvert.waypoint.http.Http2Session;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
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
      Http2ConnectionDecoder decoder,
      Http2ConnectionEncoder encoder,
      Http2Settings http2,
      ClientConnection connection,
      AcceptSettings settings,
      ExchangeStarter exchanges) {
    super(decoder, encoder, http2, settings.streamWindow() * STREAMS_AT_FULL_SPEED);
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
    channel.pipeline().addLast("client", new Builder(connection, settings, exchanges).build());
  }

  private static final class Builder
      extends AbstractHttp2ConnectionHandlerBuilder<Http2Client, Builder> {
    private final ClientConnection connection;
    private final AcceptSettings settings;
    private final ExchangeStarter exchanges;

    Builder(ClientConnection connection, AcceptSettings settings, ExchangeStarter exchanges) {
      this.connection = connection;
      this.settings = settings;
      this.exchanges = exchanges;
      connection(Http2Session.connection(true));
      validateHeaders(true);
      validateRequiredPseudoHeaders(true);
      // What is under way decides, and then the listener's grace.
      gracefulShutdownTimeoutMillis(-1);
      initialSettings(
          Http2Settings.defaultSettings()
              .maxConcurrentStreams(settings.maxStreams())
              .initialWindowSize(settings.streamWindow())
              .maxHeaderListSize(settings.maxHeadBytes())
              .connectProtocolEnabled(true));
    }

    @Override
    protected Http2Client build() {
      return super.build();
    }

    @Override
    protected Http2Client build(
        Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings http2) {
      return new Http2Client(decoder, encoder, http2, connection, settings, exchanges);
    }
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
      var _ = from.channel().close();
    }
    super.userEventTriggered(from, event);
  }

  /** Streams end one by one before the connection does, on which nothing moves at all. */
  @Override
  protected long moved() {
    boolean idle = connection().numActiveStreams() == 0;
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
    try {
      forEach(end -> ((Http2ClientStream) end).endIfIdleSince(oldest));
    } catch (Http2Exception e) {
      onError(context(), true, e);
    }
    if (connection().numActiveStreams() > 0) {
      lookSoon();
    }
  }

  @Override
  protected void opened(Http2Stream stream, Http2Headers headers, boolean ended) {
    Http2ClientStream end = new Http2ClientStream(this, stream, connection, headers, ended);
    attach(stream, end);
    lookSoon();
    try {
      HttpRequest head = Http2Messages.request(headers, ended);
      StrictHead.checkSemantics(head, settings.maxHeaders());
      end.begin(exchanges, head);
    } catch (RejectedRequestException e) {
      refuse(end, e.status(), e.getMessage());
    } catch (IllegalArgumentException e) {
      refuse(end, 400, e.getMessage());
    }
  }

  private void refuse(Http2ClientStream end, int status, String problem) {
    exchanges.rejected(connection, status, problem);
    end.refuse(status);
  }
}
