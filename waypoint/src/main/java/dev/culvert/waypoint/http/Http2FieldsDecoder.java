// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Headers;

/** HPACK's decoder (RFC 7541), which gives {@link Http2Fields}. Of one connection. */
final class Http2FieldsDecoder extends DefaultHttp2HeadersDecoder {
  /**
   * @param maxHeaderList bytes of a header block once it is decoded
   */
  Http2FieldsDecoder(int maxHeaderList) {
    super(true, true, maxHeaderList);
  }

  @Override
  protected Http2Headers newHeaders() {
    return new Http2Fields();
  }
}
