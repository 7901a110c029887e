// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Iterator;

/** A body's length in a head of HTTP/1 (RFC 9112, section 6.3). */
public final class ContentLength {
  /** As many as fit any length that there is. */
  private static final int MOST_DIGITS = 18;

  private ContentLength() {}

  /**
   * What the head says, which is in its shortest form then.
   *
   * @return bytes; -1 when it says nothing
   * @throws Http1Exception when it is no number, or is said more than once
   */
  public static long of(HttpHeaders head) throws Http1Exception {
    Iterator<? extends CharSequence> told =
        head.valueCharSequenceIterator(HttpHeaderNames.CONTENT_LENGTH);
    if (!told.hasNext()) {
      return -1;
    }
    CharSequence text = told.next();
    if (told.hasNext()) {
      throw new Http1Exception("more than one content-length");
    }
    long length = number(text);
    if (text.length() > 1 && text.charAt(0) == '0') {
      head.set(HttpHeaderNames.CONTENT_LENGTH, Long.toString(length));
    }
    return length;
  }

  private static long number(CharSequence text) throws Http1Exception {
    long number = 0;
    boolean good = !text.isEmpty() && text.length() <= MOST_DIGITS;
    for (int i = 0; good && i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      good = digit >= 0 && digit <= 9;
      number = 10 * number + digit;
    }
    if (!good) {
      throw new Http1Exception("a content-length that is no number");
    }
    return number;
  }
}
