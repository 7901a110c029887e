// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;

/**
 * Reads one request at a time: after its last byte it waits until it is asked for the next, so that
 * pipelined requests stay bytes, and what follows a request for another protocol is not taken for a
 * request.
 */
final class Http1Requests extends HttpRequestDecoder {
  /** A body goes on in the pieces in which it was read. */
  private static final int MAX_PIECE = 1024 * 1024;

  private boolean paused;
  private boolean decoding;
  private boolean midway;

  Http1Requests(int maxHeadBytes) {
    super(
        new HttpDecoderConfig()
            .setMaxInitialLineLength(maxHeadBytes)
            .setMaxHeaderSize(maxHeadBytes)
            .setMaxChunkSize(MAX_PIECE)
            .setAllowDuplicateContentLengths(false)
            .setStrictLineParsing(true)
            .setUseRfc9112TransferEncoding(true)
            .setValidateHeaders(true));
  }

  /** Whether a request has begun and is not whole. */
  boolean isMidway() {
    return midway;
  }

  /** Whether bytes of a later request wait. */
  boolean holdsMore() {
    return paused && actualReadableBytes() > 0;
  }

  /** Reads the next request. */
  void resume(ChannelHandlerContext ctx) throws Exception {
    paused = false;
    if (!decoding && actualReadableBytes() > 0) {
      channelRead(ctx, Unpooled.EMPTY_BUFFER);
      channelReadComplete(ctx);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
    boolean outer = decoding;
    decoding = true;
    try {
      super.channelRead(ctx, message);
    } finally {
      decoding = outer;
    }
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
    if (paused) {
      return;
    }
    midway |= in.isReadable();
    super.decode(ctx, in, out);
    if (!out.isEmpty() && out.getLast() instanceof LastHttpContent) {
      midway = false;
      paused = true;
    }
  }

  /** The connection is closed: nobody would get the answer to what waits. */
  @Override
  protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    in.skipBytes(in.readableBytes());
  }

  /** Two ways to find the end of a body are one too many (RFC 9112, section 6.1). */
  @Override
  protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
    throw new IllegalArgumentException("both transfer-encoding and content-length");
  }
}
