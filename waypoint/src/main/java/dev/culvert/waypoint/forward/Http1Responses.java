// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import dev.culvert.waypoint.http.ContentLength;
import dev.culvert.waypoint.http.Http1Bytes;
import dev.culvert.waypoint.http.Http1Exception;
import dev.culvert.waypoint.http.Http1FieldLines;
import dev.culvert.waypoint.http.Http1Messages;
import dev.culvert.waypoint.http.HttpFields;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Heads of responses (RFC 9112, section 4), and where their bodies end (section 6.3). */
final class Http1Responses {
  private static final byte[] VERSION = "HTTP/1.".getBytes(StandardCharsets.US_ASCII);

  /** The version, a space, three digits and an end of the line. */
  private static final int SHORTEST = 13;

  private Http1Responses() {}

  /** Reads a head, whose values are parts of the array. */
  static HttpResponse read(byte[] bytes) throws Http1Exception {
    if (bytes.length < SHORTEST || !isStart(bytes)) {
      throw new Http1Exception("no status of HTTP/1");
    }
    int end = 12;
    while (Http1Bytes.isText(bytes[end])) {
      end++;
    }
    int fields = end + (bytes[end] == '\r' ? 2 : 1);
    if (bytes[fields - 1] != '\n') {
      throw new Http1Exception("a character that no status has");
    }
    HttpFields headers = new HttpFields();
    new Http1FieldLines(bytes, fields, false).read(headers, Integer.MAX_VALUE);
    HttpVersion version = bytes[7] == '0' ? HttpVersion.HTTP_1_0 : HttpVersion.HTTP_1_1;
    return new DefaultHttpResponse(version, status(bytes, end), headers);
  }

  private static boolean isStart(byte[] bytes) {
    return Arrays.equals(VERSION, 0, 7, bytes, 0, 7)
        && isDigit(bytes[7])
        && bytes[8] == ' '
        && isDigit(bytes[9])
        && bytes[9] != '0'
        && isDigit(bytes[10])
        && isDigit(bytes[11])
        && (bytes[12] == ' ' || bytes[12] == '\r' || bytes[12] == '\n');
  }

  private static boolean isDigit(byte one) {
    return one >= '0' && one <= '9';
  }

  private static HttpResponseStatus status(byte[] bytes, int end) {
    int code = 100 * (bytes[9] - '0') + 10 * (bytes[10] - '0') + bytes[11] - '0';
    HttpResponseStatus usual = HttpResponseStatus.valueOf(code);
    int from = Math.min(13, end);
    if (isReason(usual.reasonPhrase(), bytes, from, end)) {
      return usual;
    }
    String reason = new String(bytes, from, end - from, StandardCharsets.ISO_8859_1);
    return new HttpResponseStatus(code, reason);
  }

  private static boolean isReason(String reason, byte[] bytes, int from, int end) {
    if (reason.length() != end - from) {
      return false;
    }
    for (int i = 0; i < reason.length(); i++) {
      if (reason.charAt(i) != bytes[from + i]) {
        return false;
      }
    }
    return true;
  }

  /**
   * Where the body ends: its bytes, or one of {@link Http1Messages}.
   *
   * @param asked the method of the request
   * @param upgrade whether the request asked for another protocol
   */
  static long bodyOf(HttpResponse head, HttpMethod asked, boolean upgrade) throws Http1Exception {
    int status = head.status().code();
    if (status == 101 && !upgrade) {
      throw new Http1Exception("101 to a request that asked for no other protocol");
    }
    if (status < 200) {
      return status == 101 ? Http1Messages.TO_THE_END : Http1Messages.INTERIM;
    }
    HttpHeaders headers = head.headers();
    long length = ContentLength.of(headers);
    if (status == 204 || status == 304 || asked.equals(HttpMethod.HEAD)) {
      return 0;
    }
    if (headers.contains(HttpHeaderNames.TRANSFER_ENCODING)) {
      return chunked(headers, length);
    }
    return length < 0 ? Http1Messages.TO_THE_END : length;
  }

  private static long chunked(HttpHeaders headers, long length) throws Http1Exception {
    if (length >= 0) {
      throw new Http1Exception("both transfer-encoding and content-length");
    }
    List<String> codings = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING);
    if (codings.size() != 1
        || !HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(codings.getFirst())) {
      throw new Http1Exception("a transfer-encoding other than 'chunked'");
    }
    return Http1Messages.CHUNKED;
  }
}
