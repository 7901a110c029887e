// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import java.util.ArrayDeque;
import java.util.Deque;

/** Dot segments and empty segments of a path (RFC 3986, section 5.2.4). */
final class DotSegments {
  private DotSegments() {}

  /**
   * Removes them; a path that climbs above its root is refused, not clipped, since only an attack
   * writes one.
   */
  static String remove(String path) throws RejectedRequestException {
    Deque<String> kept = new ArrayDeque<>();
    String[] segments = path.split("/", -1);
    for (String segment : segments) {
      if (segment.equals("..")) {
        if (kept.pollLast() == null) {
          throw new RejectedRequestException("path climbs above its root");
        }
      } else if (!segment.isEmpty() && !segment.equals(".")) {
        kept.addLast(segment);
      }
    }
    String joined = "/" + String.join("/", kept);
    return joined.length() > 1 && endsAsFolder(segments) ? joined + "/" : joined;
  }

  private static boolean endsAsFolder(String[] segments) {
    String last = segments[segments.length - 1];
    return last.isEmpty() || last.equals(".") || last.equals("..");
  }
}
