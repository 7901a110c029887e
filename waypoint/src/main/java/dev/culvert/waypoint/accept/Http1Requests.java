// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import dev.culvert.waypoint.http.Http1Bytes;
import dev.culvert.waypoint.http.Http1Exception;
import dev.culvert.waypoint.http.Http1FieldLines;
import dev.culvert.waypoint.http.HttpFields;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Heads of requests (RFC 9112, section 3). */
final class Http1Requests {
  private static final List<HttpMethod> USUAL =
      List.of(
          HttpMethod.GET,
          HttpMethod.POST,
          HttpMethod.PUT,
          HttpMethod.DELETE,
          HttpMethod.PATCH,
          HttpMethod.HEAD,
          HttpMethod.OPTIONS);

  private static final byte[] VERSION = "HTTP/".getBytes(StandardCharsets.US_ASCII);
  private static final int NOT_SUPPORTED = 505;

  private Http1Requests() {}

  /**
   * Reads a head, whose values are parts of the array.
   *
   * @throws Http1Exception when it is none, or has more fields than this
   */
  static HttpRequest read(byte[] bytes, int maxHeaders) throws Http1Exception {
    int method = 0;
    while (Http1Bytes.isToken(bytes[method])) {
      method++;
    }
    int target = method + 1;
    int end = target;
    while (end < bytes.length && Http1Bytes.isVisible(bytes[end])) {
      end++;
    }
    int version = end + 1;
    if (method == 0
        || bytes[method] != ' '
        || end == target
        || end == bytes.length
        || bytes[end] != ' ') {
      throw new Http1Exception("a first line that is no request's");
    }
    HttpVersion spoken = version(bytes, version);
    HttpFields headers = new HttpFields();
    new Http1FieldLines(bytes, version + 10, true).read(headers, maxHeaders);
    String uri = new String(bytes, target, end - target, StandardCharsets.ISO_8859_1);
    return new DefaultHttpRequest(spoken, method(bytes, method), uri, headers);
  }

  private static HttpMethod method(byte[] bytes, int length) {
    for (HttpMethod usual : USUAL) {
      var name = usual.asciiName();
      int from = name.arrayOffset();
      if (Arrays.equals(name.array(), from, from + name.length(), bytes, 0, length)) {
        return usual;
      }
    }
    return HttpMethod.valueOf(new String(bytes, 0, length, StandardCharsets.US_ASCII));
  }

  /** Up to the end of the line, which is 10 bytes from here. */
  private static HttpVersion version(byte[] bytes, int at) throws Http1Exception {
    boolean good =
        bytes.length >= at + 10
            && Arrays.equals(VERSION, 0, 5, bytes, at, at + 5)
            && isDigit(bytes[at + 5])
            && bytes[at + 6] == '.'
            && isDigit(bytes[at + 7])
            && bytes[at + 8] == '\r'
            && bytes[at + 9] == '\n';
    if (!good) {
      throw new Http1Exception("a first line without a version");
    }
    if (bytes[at + 5] != '1' || bytes[at + 7] > '1') {
      throw new Http1Exception(
          NOT_SUPPORTED, "version " + (char) bytes[at + 5] + "." + (char) bytes[at + 7]);
    }
    return bytes[at + 7] == '1' ? HttpVersion.HTTP_1_1 : HttpVersion.HTTP_1_0;
  }

  private static boolean isDigit(byte one) {
    return one >= '0' && one <= '9';
  }
}
