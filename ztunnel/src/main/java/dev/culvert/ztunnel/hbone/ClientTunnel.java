// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.ztunnel.telemetry.ResponseFlag;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/** The side of a tunnel that opens streams. */
final class ClientTunnel extends TunnelHandler {

  /** Hears of the tunnel's life. */
  interface Owner {
    /** Streams ended: there may be room again. */
    void roomMade(ClientTunnel tunnel);

    /** It takes no new streams any more. */
    void retired(ClientTunnel tunnel);
  }

  /** One CONNECT that waits for its answer. */
  interface Answer {
    void opened(HboneStream stream);

    void failed(TunnelException cause);

    /** The peer did not look at it: it can be asked elsewhere. */
    void unprocessed(TunnelException cause);
  }

  private final TunnelKey key;
  private final Owner owner;
  private final Http2Connection.PropertyKey answerKey;
  private Future<?> idle;

  private ClientTunnel(
      Http2ConnectionDecoder decoder,
      Http2ConnectionEncoder encoder,
      Http2Settings initial,
      TunnelSettings settings,
      TunnelKey key,
      Owner owner) {
    super(decoder, encoder, initial, settings);
    this.key = key;
    this.owner = owner;
    this.answerKey = connection().newKey();
  }

  static ClientTunnel create(TunnelSettings settings, TunnelKey key, Owner owner) {
    return TunnelCodec.build(
        false,
        settings,
        (decoder, encoder, initial) ->
            new ClientTunnel(decoder, encoder, initial, settings, key, owner));
  }

  boolean hasRoom() {
    int limit = Math.min(settings().maxStreamsUsed(), connection().local().maxActiveStreams());
    return !isDraining()
        && context().channel().isActive()
        && connection().local().canOpenStream()
        && connection().numActiveStreams() < limit;
  }

  /** Asks for a target; only when there is room. */
  void open(ConnectRequest request, Answer answer) {
    if (idle != null) {
      idle.cancel(false);
      idle = null;
    }
    int id = connection().local().incrementAndGetNextStreamId();
    if (id < 0) {
      owner.retired(this);
      drain();
      answer.unprocessed(failed(ResponseFlag.CONNECT, "the tunnel is out of stream numbers"));
      return;
    }
    var _ =
        encoder().writeHeaders(context(), id, headers(request), 0, false, context().newPromise());
    Http2Stream stream = connection().stream(id);
    if (stream == null) {
      answer.unprocessed(failed(ResponseFlag.CONNECT, "the tunnel took no further stream"));
      return;
    }
    stream.setProperty(answerKey, answer);
    flushNow();
  }

  private static Http2Headers headers(ConnectRequest request) {
    return new DefaultHttp2Headers(false)
        .method("CONNECT")
        .authority(Authority.format(request.target()))
        .add("baggage", request.baggage())
        .add("forwarded", request.forwarded())
        .add("traceparent", TraceParent.fresh());
  }

  @Override
  void headers(Http2Stream stream, Http2Headers headers) {
    Answer answer = stream.removeProperty(answerKey);
    if (answer == null) {
      return;
    }
    CharSequence status = headers.status();
    if (status != null && "200".contentEquals(status)) {
      answer.opened(bind(stream));
    } else {
      reset(stream, Http2Error.CANCEL);
      answer.failed(refused(status));
    }
  }

  private TunnelException refused(CharSequence status) {
    String code = status == null ? "no status" : status.toString();
    return switch (code) {
      case "401" -> failed(ResponseFlag.DENY, "the destination's policy denies it (401)");
      case "400" -> failed(ResponseFlag.CONNECT, "the other side did not accept the request (400)");
      case "503" -> failed(ResponseFlag.CONNECT, "the other side could not reach the app (503)");
      default -> failed(ResponseFlag.CONNECT, "unexpected answer " + code);
    };
  }

  private TunnelException failed(ResponseFlag flag, String problem) {
    String peer = Authority.format(key.destination());
    return new TunnelException(flag, "tunnel to %s: %s".formatted(peer, problem));
  }

  @Override
  void unboundReset(Http2Stream stream, long code) {
    Answer answer = stream.removeProperty(answerKey);
    if (answer == null) {
      return;
    }
    if (code == Http2Error.REFUSED_STREAM.code()) {
      answer.unprocessed(failed(ResponseFlag.CONNECT, "the other side takes no more streams"));
    } else {
      answer.failed(failed(ResponseFlag.CONNECT, "the request was reset, HTTP/2 code " + code));
    }
  }

  @Override
  void streamGone(Http2Stream stream) {
    Answer answer = stream.removeProperty(answerKey);
    if (answer != null) {
      unanswered(stream, answer);
    }
    if (connection().numActiveStreams() == 0 && !isDraining()) {
      idle =
          context()
              .executor()
              .schedule(this::release, settings().idleRelease().toNanos(), TimeUnit.NANOSECONDS);
    }
    owner.roomMade(this);
  }

  private void unanswered(Http2Stream stream, Answer answer) {
    if (connection().goAwayReceived()
        && stream.id() > connection().local().lastStreamKnownByPeer()) {
      answer.unprocessed(failed(ResponseFlag.CONNECT, "the other side is going away"));
    } else {
      ResponseFlag flag =
          failure() instanceof SSLException ? ResponseFlag.TLS_FAILURE : ResponseFlag.CONNECT;
      answer.failed(failed(flag, TlsFailure.describe(failure())));
    }
  }

  private void release() {
    if (connection().numActiveStreams() == 0) {
      owner.retired(this);
      drain();
    }
  }

  @Override
  void goAwayReceived() {
    owner.retired(this);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    if (idle != null) {
      idle.cancel(false);
    }
    owner.retired(this);
    super.channelInactive(ctx);
  }
}
