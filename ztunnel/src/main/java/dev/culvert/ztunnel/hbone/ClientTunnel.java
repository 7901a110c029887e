// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.ztunnel.hbone.frame.ErrorCode;
import dev.culvert.ztunnel.hbone.frame.FrameException;
import dev.culvert.ztunnel.hbone.frame.Settings;
import dev.culvert.ztunnel.telemetry.FlaggedFailure;
import dev.culvert.ztunnel.telemetry.ResponseFlag;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/** The side of a tunnel that opens streams. */
final class ClientTunnel extends TunnelFrames {

  /** Hears of the tunnel's life. */
  interface Owner {
    /** Streams ended: there may be room again. */
    void roomMade(ClientTunnel tunnel);

    /** The peer said how many streams it takes; its other tunnels will take as many. */
    void told(int maxStreams);

    /** It takes no new streams any more. */
    void retired(ClientTunnel tunnel);
  }

  /** One CONNECT that waits for its answer. */
  interface Answer {
    /** See {@link Opening#early}. */
    default ByteBuf early() {
      return Unpooled.EMPTY_BUFFER;
    }

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

  /**
   * Whether a stream may be opened.
   *
   * @param assumed how many the peer takes as long as it has not said so
   */
  boolean hasRoom(int assumed) {
    int taken = peer().isTold() ? peer().maxStreams() : assumed;
    return !end().isDraining()
        && streamCount() < Math.min(settings().maxStreamsUsed(), taken)
        && context().channel().isActive();
  }

  /** Whether what a new stream sends would wait for others. */
  boolean isCongested() {
    return output().isCongested();
  }

  /** Asks for a target; only when there is room. */
  void open(ConnectRequest request, Answer answer) {
    if (idle != null) {
      idle.cancel(false);
      idle = null;
    }
    if (nextStream < 0) {
      retire();
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
    HboneStream stream = add(nextStream);
    stream.request().await(answer);
    stream.writeEarly(answer.early());
    nextStream += 2;
    flushSoon();
  }

  private static Http2Headers headers(ConnectRequest request) {
    Http2Headers headers =
        new DefaultHttp2Headers(false)
            .method(HttpMethod.CONNECT.asciiName())
            .authority(Authority.format(request.target()))
            .add(BAGGAGE, request.baggage())
            .add(TRACE_PARENT, TraceParent.fresh());
    if (!request.forwarded().isEmpty()) {
      headers.add(FORWARDED, request.forwarded());
    }
    request.network().ifPresent(network -> headers.add(FORWARDED_NETWORK, network));
    return headers;
  }

  @Override
  public void headers(int id, Http2Headers headers, boolean last) throws FrameException {
    HboneStream stream = known(id);
    if (stream == null) {
      flood().count();
    } else if (stream.input().isEnded()) {
      stream.fail(new IOException("the peer sent headers after its end"));
      reset(stream, ErrorCode.STREAM_CLOSED);
    } else if (stream.request().isWaiting()) {
      answered(stream, headers, last);
    } else if (last) {
      stream.ended();
    } else {
      stream.fail(new IOException("the peer sent headers within the stream"));
      reset(stream, ErrorCode.PROTOCOL_ERROR);
    }
  }

  @Override
  public void headersTooLarge(int id) throws FrameException {
    badAnswer(known(id), "sent too many headers");
  }

  @Override
  public void headersMalformed(int id) throws FrameException {
    badAnswer(known(id), "sent malformed headers");
  }

  private void badAnswer(HboneStream stream, String problem) throws FrameException {
    flood().count();
    if (stream != null) {
      stream.fail(new IOException("the other side " + problem));
      fail(stream, "the other side " + problem);
      reset(stream, ErrorCode.PROTOCOL_ERROR);
    }
  }

  private void fail(HboneStream stream, String problem) {
    Answer answer = stream.request().takeAnswer();
    if (answer != null) {
      answer.failed(failed(ResponseFlag.CONNECT, problem));
    }
  }

  @Override
  void gaveUp(HboneStream stream) {
    fail(stream, "the other side did not answer within " + settings().answerTimeout());
  }

  private void answered(HboneStream stream, Http2Headers headers, boolean last)
      throws FrameException {
    CharSequence status = headers.status();
    if (ConnectStatus.isInterim(status) && !last) {
      flood().count();
      return;
    }
    Answer answer = stream.request().takeAnswer();
    if (ConnectStatus.isOpen(status)) {
      stream.request().baggage(headers.get(BAGGAGE));
      answer.opened(stream);
      if (last) {
        stream.ended();
      }
    } else {
      stream.discard();
      reset(stream, ErrorCode.CANCEL);
      answer.failed(failed(ConnectStatus.flag(status), ConnectStatus.describe(status)));
    }
  }

  private TunnelException failed(ResponseFlag flag, String problem) {
    String peer = Authority.format(key.destination());
    return new TunnelException(flag, "tunnel to %s: %s".formatted(peer, problem));
  }

  @Override
  void resetByPeer(HboneStream stream, long code) {
    Answer answer = stream.request().takeAnswer();
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
    Answer answer = stream.request().takeAnswer();
    if (answer != null) {
      answer.failed(ofTheTunnel(failure()));
    }
    if (streamCount() == 0 && !end().isDraining() && context().channel().isActive()) {
      releaseLater();
    }
    owner.roomMade(this);
  }

  /** Why a CONNECT was not answered in a tunnel that is over. */
  private TunnelException ofTheTunnel(Throwable cause) {
    if (cause instanceof SSLException) {
      return failed(TlsFailure.flag(cause), TlsFailure.describe(cause));
    }
    if (cause instanceof FlaggedFailure flagged) {
      return failed(flagged.flag(), TlsFailure.describe(cause));
    }
    return peer().isTold()
        ? failed(ResponseFlag.CONNECT, TlsFailure.describe(cause))
        : failed(
            ResponseFlag.H2_HANDSHAKE_FAILURE,
            "HTTP/2 did not begin: " + TlsFailure.describe(cause));
  }

  /** Also when there never was a stream. */
  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    super.handlerAdded(ctx);
    releaseLater();
  }

  private void releaseLater() {
    idle =
        context()
            .executor()
            .schedule(this::release, settings().idleRelease().toNanos(), TimeUnit.NANOSECONDS);
  }

  @Override
  void settingsTold() {
    owner.told(peer().maxStreams());
  }

  private void release() {
    if (streamCount() == 0) {
      retire();
    }
  }

  @Override
  void retire() {
    owner.retired(this);
    drain();
  }

  @Override
  void goneAway(int lastStreamKnown) {
    owner.retired(this);
    for (HboneStream stream : streams()) {
      Answer answer = stream.id() > lastStreamKnown ? stream.request().takeAnswer() : null;
      if (answer != null) {
        stream.discard();
        finished(stream);
        answer.unprocessed(failed(ResponseFlag.CONNECT, "the other side is going away"));
      } else {
        stream.peerLeaves();
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
