// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import java.net.InetSocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The side of a tunnel that is asked for connections. */
final class ServerTunnel extends TunnelHandler {
  private static final Logger LOG = LoggerFactory.getLogger(ServerTunnel.class);

  private final ConnectAcceptor acceptor;

  private ServerTunnel(
      Http2ConnectionDecoder decoder,
      Http2ConnectionEncoder encoder,
      Http2Settings initial,
      TunnelSettings settings,
      ConnectAcceptor acceptor) {
    super(decoder, encoder, initial, settings);
    this.acceptor = acceptor;
  }

  static ServerTunnel create(TunnelSettings settings, ConnectAcceptor acceptor) {
    return TunnelCodec.build(
        true,
        settings,
        (decoder, encoder, initial) ->
            new ServerTunnel(decoder, encoder, initial, settings, acceptor));
  }

  @Override
  void headers(Http2Stream stream, Http2Headers headers) {
    try {
      InetSocketAddress target = target(headers);
      acceptor.connect(new InboundConnect(this, stream, target, headers));
    } catch (MalformedHeaderException e) {
      LOG.warn("{} asked for no tunnel: {}", context().channel().remoteAddress(), e.getMessage());
      refuse(stream, InboundConnect.BAD_REQUEST);
    }
  }

  private static InetSocketAddress target(Http2Headers headers) throws MalformedHeaderException {
    CharSequence method = headers.method();
    if (method == null || !"CONNECT".contentEquals(method)) {
      throw new MalformedHeaderException("the method is %s, not CONNECT".formatted(method));
    }
    if (headers.authority() == null) {
      throw new MalformedHeaderException("there is no :authority");
    }
    return Authority.parse(headers.authority());
  }

  void respond(Http2Stream stream, Http2Headers headers, boolean last) {
    var _ =
        encoder().writeHeaders(context(), stream.id(), headers, 0, last, context().newPromise());
    flushNow();
  }

  void refuse(Http2Stream stream, int status) {
    respond(stream, new DefaultHttp2Headers(false).status(Integer.toString(status)), true);
    // The answer is whole: the peer need not end its side too (RFC 9113 8.1).
    reset(stream, Http2Error.NO_ERROR);
  }

  @Override
  void unboundReset(Http2Stream stream, long code) {}

  @Override
  void streamGone(Http2Stream stream) {}

  @Override
  void goAwayReceived() {}
}
