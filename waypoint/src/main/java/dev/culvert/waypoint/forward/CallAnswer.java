// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import com.google.protobuf.ByteString;
import io.netty.handler.codec.http.HttpHeaders;

/** What a call came to. */
public sealed interface CallAnswer {
  /** A whole answer. */
  record Whole(int status, HttpHeaders headers, ByteString body, HttpHeaders trailers)
      implements CallAnswer {}

  /**
   * None.
   *
   * @param problem for the log
   */
  record None(String problem) implements CallAnswer {}
}
