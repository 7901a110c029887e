// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import io.netty.util.collection.IntObjectHashMap;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The streams of an HTTP/2 connection and their numbers (RFC 9113, section 5.1.1). Clients open
 * them: those of the peer where we are the server, ours where we are the client. On the
 * connection's event loop.
 */
final class Http2Streams {
  private final boolean server;
  private final IntObjectHashMap<Http2End> open = new IntObjectHashMap<>();
  private final List<Http2End> touched = new ArrayList<>();
  private int lastOfPeer;
  private int lastOfOurs = 1;
  private int knownByPeer = Integer.MAX_VALUE;

  /**
   * @param server whether the peer opens them
   */
  Http2Streams(boolean server) {
    this.server = server;
  }

  int size() {
    return open.size();
  }

  @Nullable Http2End get(int id) {
    return open.get(id);
  }

  boolean contains(Http2End end) {
    return open.containsKey(end.id());
  }

  void add(Http2End end) {
    open.put(end.id(), end);
  }

  /** Whether it was there. */
  boolean remove(Http2End end) {
    return open.remove(end.id()) != null;
  }

  /** All of them, also when some close meanwhile. */
  List<Http2End> all() {
    return List.copyOf(open.values());
  }

  /** Every stream's peer takes so many bytes more, or fewer; false when that cannot be. */
  boolean growAll(int bytes) {
    boolean fits = true;
    for (Http2End end : open.values()) {
      fits &= end.grow(bytes);
    }
    return fits;
  }

  // === what came in this batch of reads ===

  void touch(Http2End end, long now) {
    if (end.touch(now)) {
      touched.add(end);
    }
  }

  /** Tells those that something came for. */
  void readComplete() {
    for (int i = 0; i < touched.size(); i++) {
      touched.get(i).readComplete();
    }
    touched.clear();
  }

  // === numbers ===

  /** Whether a stream of this number is one of the peer's. */
  boolean isPeers(int id) {
    return server && (id & 1) == 1;
  }

  /** Whether there was such a stream before, if it is not there now. */
  boolean wasThere(int id) {
    return isPeers(id) ? id <= lastOfPeer : !server && (id & 1) == 1 && id <= lastOfOurs;
  }

  /** The highest number of the peer's that there has been. */
  int lastOfPeer() {
    return lastOfPeer;
  }

  void lastOfPeer(int id) {
    lastOfPeer = id;
  }

  /** The next number of ours; 1 is left to an upgrade. */
  int next() {
    lastOfOurs += 2;
    return lastOfOurs;
  }

  /** The peer did nothing with streams above this one, and takes no further ones. */
  void knownByPeer(int last) {
    knownByPeer = Math.min(knownByPeer, last);
  }

  /** Whether the peer has said that it did nothing with a stream of ours. */
  boolean isUnknownToPeer(int id) {
    return !server && id > knownByPeer;
  }

  /** Whether the peer takes a further stream of ours at all. */
  boolean canOpen() {
    return knownByPeer == Integer.MAX_VALUE && lastOfOurs < Integer.MAX_VALUE - 2;
  }
}
