// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.ztunnel.hbone.frame.ErrorCode;
import dev.culvert.ztunnel.hbone.frame.FrameException;
import dev.culvert.ztunnel.hbone.frame.Settings;
import dev.culvert.ztunnel.telemetry.ResponseFlag;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
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

  private static final AsciiString BAGGAGE = AsciiString.cached("baggage");
  private static final AsciiString FORWARDED = AsciiString.cached("forwarded");
  private static final AsciiString TRACE_PARENT = AsciiString.cached("traceparent");

  private static final AsciiString FORWARDED_NETWORK = AsciiString.cached("x-forwarded-network");

  private final TunnelKey key;
  private final Owner owner;
  private int nextStream = 1;
  private Future<?> idle;

  private ClientTunnel(TunnelSettings settings, TunnelKey key, Owner owner) {
    super(settings, false);
    this.key = key;
    this.owner = owner;
  }

  static ClientTunnel create(TunnelSettings settings, TunnelKey key, Owner owner) {
    return new ClientTunnel(settings, key, owner);
  }

  @Override
  int lastStream() {
    return nextStream - 2;
  }

  @Override
  int[] ownSettings() {
    return new int[] {
      Settings.ENABLE_PUSH, 0,
      Settings.INITIAL_WINDOW_SIZE, settings().streamWindow(),
      Settings.MAX_FRAME_SIZE, settings().maxFrame(),
      Settings.MAX_HEADER_LIST_SIZE, settings().maxHeaderList()
    };
  }

  boolean hasRoom() {
    return !isDraining()
        && streamCount() < Math.min(settings().maxStreamsUsed(), peerMaxStreams())
        && context().channel().isActive();
  }

  /** Asks for a target; only when there is room. */
  void open(ConnectRequest request, Answer answer) {
    if (idle != null) {
      idle.cancel(false);
      idle = null;
    }
    if (nextStream < 0) {
      owner.retired(this);
      drain();
      answer.unprocessed(failed(ResponseFlag.CONNECT, "the tunnel is out of stream numbers"));
      return;
    }
    try {
      output().writer().headers(nextStream, headers(request), false, output().maxFrame());
    } catch (FrameException e) {
      answer.failed(failed(ResponseFlag.CONNECT, e.getMessage()));
      abort(e);
      return;
    }
    add(nextStream).await(answer);
    nextStream += 2;
    flushSoon();
  }

  private static Http2Headers headers(ConnectRequest request) {
    Http2Headers headers =
        new DefaultHttp2Headers(false)
            .method(HttpMethod.CONNECT.asciiName())
            .authority(Authority.format(request.target()))
            .add(BAGGAGE, request.baggage())
            .add(FORWARDED, request.forwarded())
            .add(TRACE_PARENT, TraceParent.fresh());
    request.network().ifPresent(network -> headers.add(FORWARDED_NETWORK, network));
    return headers;
  }

  @Override
  public void headers(int id, Http2Headers headers, boolean last) throws FrameException {
    HboneStream stream = known(id);
    Answer answer = stream == null ? null : stream.takeAnswer();
    if (answer != null) {
      answered(stream, answer, headers.status(), last);
    } else if (stream != null && last) {
      stream.ended();
    }
  }

  @Override
  public void headersTooLarge(int id) throws FrameException {
    HboneStream stream = known(id);
    if (stream != null) {
      reset(stream, ErrorCode.CANCEL);
    }
  }

  private void answered(HboneStream stream, Answer answer, CharSequence status, boolean last) {
    if (status != null && "200".contentEquals(status)) {
      answer.opened(stream);
      if (last) {
        stream.ended();
      }
    } else {
      stream.discard();
      reset(stream, ErrorCode.CANCEL);
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
  void resetByPeer(HboneStream stream, long code) {
    Answer answer = stream.takeAnswer();
    if (answer == null) {
      super.resetByPeer(stream, code);
    } else if (code == ErrorCode.REFUSED_STREAM.code()) {
      answer.unprocessed(failed(ResponseFlag.CONNECT, "the other side takes no more streams"));
    } else {
      answer.failed(failed(ResponseFlag.CONNECT, "the request was reset: " + ErrorCode.name(code)));
    }
  }

  @Override
  void streamGone(HboneStream stream) {
    Answer answer = stream.takeAnswer();
    if (answer != null) {
      ResponseFlag flag =
          failure() instanceof SSLException ? ResponseFlag.TLS_FAILURE : ResponseFlag.CONNECT;
      answer.failed(failed(flag, TlsFailure.describe(failure())));
    }
    if (streamCount() == 0 && !isDraining() && context().channel().isActive()) {
      idle =
          context()
              .executor()
              .schedule(this::release, settings().idleRelease().toNanos(), TimeUnit.NANOSECONDS);
    }
    owner.roomMade(this);
  }

  private void release() {
    if (streamCount() == 0) {
      owner.retired(this);
      drain();
    }
  }

  @Override
  void goneAway(int lastStreamKnown) {
    owner.retired(this);
    for (HboneStream stream : streams()) {
      Answer answer = stream.id() > lastStreamKnown ? stream.takeAnswer() : null;
      if (answer != null) {
        stream.discard();
        finished(stream);
        answer.unprocessed(failed(ResponseFlag.CONNECT, "the other side is going away"));
      }
    }
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
