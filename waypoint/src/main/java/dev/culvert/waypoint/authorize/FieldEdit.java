// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.authorize;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.Locale;
import java.util.Set;

/** A header field that a provider has set. */
record FieldEdit(String name, String value, How how) {
  /** What routes, frames or ends a message is not a provider's to change. */
  private static final Set<String> NOT_THEIRS =
      Set.of(
          "host",
          "connection",
          "keep-alive",
          "proxy-connection",
          "content-length",
          "transfer-encoding",
          "te",
          "trailer",
          "upgrade");

  /** What becomes of one that is there. */
  enum How {
    /** The new one stands beside it. */
    APPEND,
    /** It stays, and there is no new one. */
    ADD_IF_ABSENT,
    /** The new one takes its place. */
    SET,
    /** The same, and without one there is no new one. */
    OVERWRITE_IF_PRESENT
  }

  /** Whether a provider may change a field of this name. */
  static boolean isTheirs(String name) {
    return !name.isEmpty()
        && name.charAt(0) != ':'
        && !NOT_THEIRS.contains(name.toLowerCase(Locale.ROOT));
  }

  /** Throws IllegalArgumentException when the name or value cannot be written. */
  void apply(HttpHeaders headers) {
    if (!isTheirs(name)) {
      return;
    }
    switch (how) {
      case APPEND -> headers.add(name, value);
      case SET -> headers.set(name, value);
      case ADD_IF_ABSENT -> {
        if (!headers.contains(name)) {
          headers.set(name, value);
        }
      }
      case OVERWRITE_IF_PRESENT -> {
        if (headers.contains(name)) {
          headers.set(name, value);
        }
      }
    }
  }
}
