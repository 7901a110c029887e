// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import dev.culvert.waypoint.http.ContentLength;
import dev.culvert.waypoint.http.Http1Exception;
import dev.culvert.waypoint.http.Http1Messages;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.util.List;

/** Where the body of a request of HTTP/1 ends, in one way only (RFC 9112, sections 6.1 to 6.3). */
final class RequestBodyLength {
  private static final int NOT_IMPLEMENTED = 501;

  private RequestBodyLength() {}

  /** Its bytes, or {@link Http1Messages#CHUNKED}. */
  static long of(HttpRequest head) throws Http1Exception {
    HttpHeaders headers = head.headers();
    if (!headers.contains(HttpHeaderNames.TRANSFER_ENCODING)) {
      return Math.max(0, ContentLength.of(headers));
    }
    if (head.protocolVersion().equals(HttpVersion.HTTP_1_0)) {
      throw new Http1Exception("transfer-encoding in HTTP/1.0");
    }
    if (headers.contains(HttpHeaderNames.CONTENT_LENGTH)) {
      throw new Http1Exception("both transfer-encoding and content-length");
    }
    List<String> codings = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING);
    String coding = codings.getFirst();
    if (codings.size() == 1 && HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(coding)) {
      return Http1Messages.CHUNKED;
    }
    throw refused(codings.size(), coding);
  }

  private static Http1Exception refused(int fields, String coding) {
    String last = coding.substring(coding.lastIndexOf(',') + 1).strip();
    return fields == 1 && HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(last)
        ? new Http1Exception(NOT_IMPLEMENTED, "a transfer-encoding other than 'chunked'")
        : new Http1Exception("a transfer-encoding that does not end with 'chunked' once");
  }
}
