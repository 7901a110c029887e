// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

/**
 * A request target in its one normal form, so that what is authorized, what is matched and what the
 * app receives are the same path: percent-encoded unreserved characters decoded and other escapes
 * in upper case (RFC 3986, section 6.2.2), dot segments removed (5.2.4), runs of slashes merged.
 * What cannot be read in one way only (an encoded slash or backslash, a raw backslash, NUL) is
 * refused, since proxies and apps are known to disagree on it.
 *
 * @param path the normal path, beginning with a slash
 * @param query what follows the question mark, as sent, without it; empty when there is none
 */
public record RequestTarget(String path, String query) {
  /** The longest target taken, in characters. */
  public static final int MAX_LENGTH = 32 * 1024;

  /**
   * Normalises a target in origin form (RFC 9112, section 3.2.1).
   *
   * @throws RejectedRequestException when it is too long, not in origin form, or can be read in two
   *     ways
   */
  public static RequestTarget parse(String target) throws RejectedRequestException {
    if (target.length() > MAX_LENGTH) {
      throw new RejectedRequestException("request target longer than " + MAX_LENGTH);
    }
    if (!target.startsWith("/")) {
      throw new RejectedRequestException("request target is not in origin form");
    }
    int fragment = target.indexOf('#');
    if (fragment >= 0) {
      throw new RejectedRequestException("request target has a fragment");
    }
    int mark = target.indexOf('?');
    String path = mark < 0 ? target : target.substring(0, mark);
    String query = mark < 0 ? "" : target.substring(mark + 1);
    return new RequestTarget(isPlain(path) ? path : DotSegments.remove(Escapes.fold(path)), query);
  }

  /** As it is sent on. */
  public String text() {
    return query.isEmpty() ? path : path + "?" + query;
  }

  /**
   * Whether nothing in the path needs a second look: the common case, answered without allocating.
   */
  private static boolean isPlain(String path) {
    char last = 0;
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c == '%'
          || c == '\\'
          || c <= ' '
          || c >= 0x7f
          || (last == '/' && (c == '/' || c == '.'))) {
        return false;
      }
      last = c;
    }
    return true;
  }
}
