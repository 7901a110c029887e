// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpUtil;
import java.util.List;

/** What a body's length is to be, and is so far (RFC 9113, section 8.1.1). */
final class BodyLength {
  private long expected = -1;
  private long seen;

  /**
   * What a head says of it. Several that are alike become one, in its shortest form.
   *
   * @throws IllegalArgumentException when it says two things, or no number
   */
  void expect(HttpHeaders head) {
    if (!head.contains(HttpHeaderNames.CONTENT_LENGTH)) {
      return;
    }
    List<String> told = head.getAll(HttpHeaderNames.CONTENT_LENGTH);
    expected = HttpUtil.normalizeAndGetContentLength(told, false, true);
    String normal = Long.toString(expected);
    if (told.size() > 1 || !told.getFirst().equals(normal)) {
      head.set(HttpHeaderNames.CONTENT_LENGTH, normal);
    }
  }

  /** So many bytes came; false when those are too many. */
  boolean add(int bytes) {
    seen += bytes;
    return expected < 0 || seen <= expected;
  }

  /**
   * Whether it may end now.
   *
   * @param request whether it is a request's; a response to HEAD tells a length and has no body
   */
  boolean isWhole(boolean request) {
    return expected < 0 || seen == expected || (!request && seen == 0);
  }
}
