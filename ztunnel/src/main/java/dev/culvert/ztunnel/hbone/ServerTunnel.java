// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.ztunnel.hbone.frame.ErrorCode;
import dev.culvert.ztunnel.hbone.frame.FrameException;
import dev.culvert.ztunnel.hbone.frame.Settings;
import dev.culvert.ztunnel.limits.SparingLines;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The side of a tunnel that is asked for connections. */
final class ServerTunnel extends TunnelFrames {
  private static final Logger LOG = LoggerFactory.getLogger(ServerTunnel.class);
  private static final SparingLines LINES = new SparingLines();

  private final ConnectAcceptor acceptor;
  private int lastStream;

  /** CONNECTs that the peer has reset and that are still being worked on. */
  private int orphans;

  private ServerTunnel(TunnelSettings settings, ConnectAcceptor acceptor) {
    super(settings, true);
    this.acceptor = acceptor;
  }

  static ServerTunnel create(TunnelSettings settings, ConnectAcceptor acceptor) {
    return new ServerTunnel(settings, acceptor);
  }

  @Override
  int lastStream() {
    return lastStream;
  }

  @Override
  int[] ownSettings() {
    return new int[] {
      Settings.MAX_CONCURRENT_STREAMS, settings().maxStreamsServed(),
      Settings.INITIAL_WINDOW_SIZE, settings().streamWindow(),
      Settings.MAX_FRAME_SIZE, settings().maxFrame(),
      Settings.MAX_HEADER_LIST_SIZE, settings().maxHeaderList()
    };
  }

  @Override
  public void headers(int id, Http2Headers headers, boolean last) throws FrameException {
    if (id <= lastStream) {
      trailers(known(id), last);
    } else if (isNew(id)) {
      asked(add(id), headers, last);
    }
  }

  @Override
  public void headersTooLarge(int id) throws FrameException {
    if (id > lastStream && isNew(id)) {
      flood().countMalformed();
      tell("sent too many headers");
      refuse(add(id), InboundConnect.BAD_REQUEST);
    } else if (id <= lastStream) {
      trailers(known(id), false);
    }
  }

  @Override
  public void headersMalformed(int id) throws FrameException {
    flood().countMalformed();
    if (id > lastStream && isNew(id)) {
      HboneStream stream = add(id);
      stream.request().answer();
      stream.discard();
      reset(stream, ErrorCode.PROTOCOL_ERROR);
    } else if (id <= lastStream) {
      trailers(known(id), false);
    }
  }

  private boolean isNew(int id) throws FrameException {
    if ((id & 1) == 0) {
      throw new FrameException(ErrorCode.PROTOCOL_ERROR, "a client opened stream " + id);
    }
    lastStream = id;
    // A stream that the peer reset counts while it still costs us something: or resets would make
    // the limit none (CVE-2023-44487).
    if (!end().isClosing()
        && streamCount() + lingering() + orphans < settings().maxStreamsServed()) {
      return true;
    }
    flood().count();
    output().writer().reset(id, ErrorCode.REFUSED_STREAM);
    flushSoon();
    return false;
  }

  private void trailers(HboneStream stream, boolean last) throws FrameException {
    if (stream == null) {
      flood().count();
    } else if (stream.input().isEnded()) {
      stream.fail(new IOException("the peer sent headers after its end"));
      reset(stream, ErrorCode.STREAM_CLOSED);
    } else if (last) {
      stream.ended();
    } else {
      stream.fail(new IOException("the peer sent headers within the stream"));
      reset(stream, ErrorCode.PROTOCOL_ERROR);
    }
  }

  private void asked(HboneStream stream, Http2Headers headers, boolean last) throws FrameException {
    try {
      InetSocketAddress target = target(headers);
      acceptor.connect(new InboundConnect(this, stream, target, headers));
      if (last) {
        stream.ended();
      }
    } catch (MalformedHeaderException e) {
      flood().countMalformed();
      tell("asked for no tunnel: " + e.getMessage());
      refuse(stream, InboundConnect.BAD_REQUEST);
    }
  }

  private void tell(String problem) {
    LINES
        .next()
        .ifPresent(
            leftOut ->
                LOG.warn(
                    "{} {}{}",
                    context().channel().remoteAddress(),
                    problem,
                    leftOut == 0 ? "" : "; %d more were not told of".formatted(leftOut)));
  }

  private static InetSocketAddress target(Http2Headers headers) throws MalformedHeaderException {
    CharSequence method = headers.method();
    if (method == null || !"CONNECT".contentEquals(method)) {
      throw new MalformedHeaderException("the method is %.20s, not CONNECT".formatted(method));
    }
    if (headers.authority() == null) {
      throw new MalformedHeaderException("there is no :authority");
    }
    return ConnectTarget.parse(headers.authority());
  }

  void respond(HboneStream stream, Http2Headers headers, boolean last) {
    boolean again = stream.request().answer();
    if (stream.isGone()) {
      orphans -= again ? 0 : 1;
      return;
    }
    try {
      output().writer().headers(stream.id(), headers, last, output().maxFrame());
      flushSoon();
    } catch (FrameException e) {
      abort(e);
    }
  }

  void refuse(HboneStream stream, int status) {
    stream.discard();
    respond(stream, new DefaultHttp2Headers(false).status(Integer.toString(status)), true);
    // The answer is whole: the peer need not end its side too (RFC 9113 8.1).
    reset(stream, ErrorCode.NO_ERROR);
  }

  @Override
  void streamGone(HboneStream stream) {
    orphans += stream.request().isAnswered() ? 0 : 1;
  }

  @Override
  void gaveUp(HboneStream stream) {}

  @Override
  void goneAway(int lastStreamKnown) {}
}
