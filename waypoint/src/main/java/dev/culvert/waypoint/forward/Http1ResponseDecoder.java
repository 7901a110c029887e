// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;

/** Reads responses; what a head means for the body depends on what was asked. */
final class Http1ResponseDecoder extends HttpResponseDecoder {
  private static final int MAX_PIECE = 1024 * 1024;

  private HttpMethod asked = HttpMethod.GET;
  private boolean upgrade;

  Http1ResponseDecoder(int maxHeadBytes) {
    super(
        new HttpDecoderConfig()
            .setMaxInitialLineLength(maxHeadBytes)
            .setMaxHeaderSize(maxHeadBytes)
            .setMaxChunkSize(MAX_PIECE)
            .setAllowDuplicateContentLengths(false)
            .setValidateHeaders(true));
  }

  void asked(HttpMethod method, boolean wantsUpgrade) {
    asked = method;
    upgrade = wantsUpgrade;
  }

  /** Whether bytes wait that are no part of what was read. */
  boolean holdsMore() {
    return actualReadableBytes() > 0;
  }

  @Override
  protected boolean isContentAlwaysEmpty(HttpMessage message) {
    return asked.equals(HttpMethod.HEAD) || super.isContentAlwaysEmpty(message);
  }

  @Override
  protected boolean isSwitchingToNonHttp1Protocol(HttpResponse response) {
    return upgrade && response.status().code() == 101;
  }

  /** Two ways to find the end of a body are one too many (RFC 9112, section 6.3). */
  @Override
  protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
    throw new IllegalArgumentException("both transfer-encoding and content-length");
  }
}
