// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.UniformStreamByteDistributor;

/** Puts the HTTP/2 codec of a tunnel together. */
final class TunnelCodec<T extends TunnelHandler>
    extends AbstractHttp2ConnectionHandlerBuilder<T, TunnelCodec<T>> {
  /** A stream's turn, when several have data: a few TLS records. */
  private static final int TURN_BYTES = 64 * 1024;

  /**
   * Resets of a peer are resets of its clients, which are many behind one tunnel; Netty's 200 would
   * close the tunnel of a busy node. Still a bound on what one peer can make us work.
   */
  private static final int MAX_RESETS = 20_000;

  private static final int RESET_WINDOW_SECONDS = 30;

  interface Maker<T extends TunnelHandler> {
    T make(Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings);
  }

  private final Maker<T> maker;

  private TunnelCodec(boolean server, TunnelSettings settings, Maker<T> maker) {
    this.maker = maker;
    var connection = new DefaultHttp2Connection(server);
    var turns = new UniformStreamByteDistributor(connection);
    turns.minAllocationChunk(TURN_BYTES);
    connection.remote().flowController(new DefaultHttp2RemoteFlowController(connection, turns));
    connection(connection);
    initialSettings(initial(server, settings));
    decoderEnforceMaxRstFramesPerWindow(MAX_RESETS, RESET_WINDOW_SECONDS);
    // Replaced below: the builder wants one before the handler exists.
    frameListener(new Http2FrameAdapter());
  }

  static <T extends TunnelHandler> T build(
      boolean server, TunnelSettings settings, Maker<T> maker) {
    T tunnel = new TunnelCodec<>(server, settings, maker).build();
    tunnel.listen();
    return tunnel;
  }

  private static Http2Settings initial(boolean server, TunnelSettings settings) {
    Http2Settings initial =
        new Http2Settings()
            .initialWindowSize(settings.streamWindow())
            .maxFrameSize(settings.maxFrame())
            .maxHeaderListSize(settings.maxHeaderList());
    return server
        ? initial.maxConcurrentStreams(settings.maxStreamsServed())
        : initial.pushEnabled(false);
  }

  @Override
  protected T build(
      Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
    return maker.make(decoder, encoder, settings);
  }
}
