// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import dev.culvert.ztunnel.hbone.frame.FrameWriter;
import dev.culvert.ztunnel.hbone.frame.Settings;

/**
 * What the peer of an HTTP/2 connection may take.
 *
 * @param maxHeadBytes of a head or of trailers, once HPACK is decoded
 * @param streamWindow bytes of a body that wait for the other end, for each stream; at least 65,535
 * @param connectionWindow the same for all streams together
 * @param maxStreams that the peer may have open at once
 */
public record Http2Bounds(
    int maxHeadBytes, int streamWindow, int connectionWindow, int maxStreams) {

  /** Of a block before it is decoded: HPACK makes it shorter, except of what is in no table. */
  int maxBlockBytes() {
    return maxHeadBytes + maxHeadBytes / 4;
  }

  /** What a connection begins with (RFC 9113, section 3.4): the peer is told of them. */
  void greet(FrameWriter writer, boolean server) {
    if (server) {
      writer.settings(
          Settings.MAX_CONCURRENT_STREAMS,
          maxStreams,
          Settings.INITIAL_WINDOW_SIZE,
          streamWindow,
          Settings.MAX_HEADER_LIST_SIZE,
          maxHeadBytes,
          Http2PeerSettings.ENABLE_CONNECT_PROTOCOL,
          1);
    } else {
      writer.preface();
      writer.settings(
          Settings.ENABLE_PUSH,
          0,
          Settings.INITIAL_WINDOW_SIZE,
          streamWindow,
          Settings.MAX_HEADER_LIST_SIZE,
          maxHeadBytes);
    }
    int more = connectionWindow - Settings.DEFAULT_WINDOW;
    if (more > 0) {
      writer.windowUpdate(0, more);
    }
  }
}
