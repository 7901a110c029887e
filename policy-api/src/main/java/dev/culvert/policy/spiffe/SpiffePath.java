// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.spiffe;

/** The path rules of SPIFFE-ID section 2.2. */
final class SpiffePath {
  private SpiffePath() {}

  static void refuseQueryAndFragment(String uri, String rest) {
    if (rest.indexOf('?') >= 0) {
      throw SpiffeId.invalid(uri, "a query is not allowed; remove what follows the '?'");
    }
    if (rest.indexOf('#') >= 0) {
      throw SpiffeId.invalid(uri, "a fragment is not allowed; remove what follows the '#'");
    }
  }

  static void check(String uri, String path) {
    if (path.isEmpty()) {
      return;
    }
    if (path.charAt(0) != '/') {
      throw SpiffeId.invalid(uri, "the path must start with '/'");
    }
    for (String segment : path.substring(1).split("/", -1)) {
      checkSegment(uri, segment);
    }
  }

  private static void checkSegment(String uri, String segment) {
    if (segment.isEmpty()) {
      throw SpiffeId.invalid(uri, "an empty path segment is not allowed; remove the extra '/'");
    }
    if (segment.equals(".") || segment.equals("..")) {
      throw SpiffeId.invalid(uri, "'.' and '..' are not allowed as path segments");
    }
    for (int i = 0; i < segment.length(); i++) {
      if (!isAllowed(segment.charAt(i))) {
        throw SpiffeId.invalid(
            uri, "only a-z, A-Z, 0-9, '.', '_' and '-' are allowed in a path segment");
      }
    }
  }

  private static boolean isAllowed(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '.'
        || c == '_'
        || c == '-';
  }
}
