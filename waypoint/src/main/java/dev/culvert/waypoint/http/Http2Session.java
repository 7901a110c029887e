// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import dev.culvert.ztunnel.hbone.frame.ErrorCode;
import dev.culvert.ztunnel.hbone.frame.FrameException;
import dev.culvert.ztunnel.hbone.frame.FrameListener;
import dev.culvert.ztunnel.hbone.frame.ReceiveWindow;
import io.netty.handler.codec.http.HttpResponse;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An HTTP/2 connection whose streams are ends of exchanges: how they begin and end. What the peer's
 * frames mean is {@link Http2Frames}, what goes out {@link Http2Output}, how bytes come and go
 * {@link Http2Wire}. Windows are given back when the other end took the bytes. On its event loop.
 */
public abstract class Http2Session extends Http2Wire {
  private static final Logger LOG = LoggerFactory.getLogger(Http2Session.class);

  private final boolean server;
  private final Http2Bounds bounds;
  private final ReceiveWindow window;
  private final Http2Streams streams;
  private Http2Frames frames;
  private Http2Leave leave;

  /**
   * @param server whether the peer opens the streams
   */
  protected Http2Session(boolean server, Http2Bounds bounds) {
    super(server, bounds);
    this.server = server;
    this.bounds = bounds;
    this.streams = new Http2Streams(server);
    this.window = new ReceiveWindow(bounds.connectionWindow());
  }

  /** A stream of the peer begins with this head; its end is attached, or the stream is reset. */
  protected abstract void opened(int id, Http2Fields head, boolean ended);

  /** The head of a stream of the peer has more bytes than allowed. */
  protected abstract void tooLarge(int id);

  /** Something moved on the connection; returns when, in nanoseconds. */
  protected long moved() {
    return 0;
  }

  /** The connection takes no more streams. */
  protected void goingAway() {}

  // === streams ===

  /** Shows the ends of all streams, also when some of them close meanwhile. */
  protected final void forEach(Consumer<Http2End> shown) {
    streams.all().forEach(shown);
  }

  /** How many streams are open. */
  protected final int streamCount() {
    return streams.size();
  }

  /** Makes a stream known, so that what comes on it finds its end. */
  protected final void attach(Http2End end) {
    streams.add(end);
  }

  /** The number of a stream of ours that begins now. */
  protected final int nextStream() {
    return streams.next();
  }

  /** Most streams of ours that the peer takes at once. */
  protected final int maxStreams() {
    return frames == null ? Integer.MAX_VALUE : frames.peer().maxStreams();
  }

  /** Whether the peer takes a further stream at all. */
  protected final boolean canOpen() {
    return !isStopped() && streams.canOpen();
  }

  /** Whether the peer has said that it did nothing with a stream of ours. */
  protected final boolean isUnknownToPeer(int id) {
    return streams.isUnknownToPeer(id);
  }

  /** Ends a stream of the peer that has no end, with a head that is all of the answer. */
  protected final void refuse(int id, HttpResponse head) {
    output().block().response(head);
    try {
      output().headers(id, true);
    } catch (FrameException e) {
      LOG.debug("a head that cannot be written", e);
    }
    output().writer().reset(id, ErrorCode.NO_ERROR);
    output().flushSoon();
  }

  final Http2Streams streams() {
    return streams;
  }

  final boolean isServer() {
    return server;
  }

  final int streamWindow() {
    return bounds.streamWindow();
  }

  /** Whether the peer opens it now. */
  final boolean isNew(int id) {
    return streams.isPeers(id) && id > streams.lastOfPeer() && !isClosing();
  }

  /** Whether the peer may not open more. */
  final boolean isFull() {
    return streams.size() >= bounds.maxStreams();
  }

  final boolean isClosing() {
    return leave.isClosing();
  }

  /** Every stream's peer takes so many bytes more, or fewer; false when that cannot be. */
  final boolean growAll(int bytes) {
    boolean fits = streams.growAll(bytes);
    wakeAll();
    return fits;
  }

  @Override
  final void wakeAll() {
    forEach(Http2Sender::wake);
  }

  final void touch(Http2End end) {
    streams.touch(end, moved());
  }

  final void finishedIfWhole(Http2End end) {
    if (end.isInputEnded() && end.isSentWhole()) {
      remove(end);
    }
  }

  final void reset(Http2End end, ErrorCode code) {
    if (streams.contains(end)) {
      output().writer().reset(end.id(), code);
      output().flushSoon();
      remove(end);
    }
  }

  final void remove(Http2End end) {
    if (streams.remove(end)) {
      giveBack(end.close());
      if (!isStopped()) {
        leave.closeIfUnused();
      }
    }
  }

  /** The peer takes no further streams, and did nothing with those above the last. */
  final void goneAway(int last) {
    streams.knownByPeer(last);
    forEach(
        end -> {
          if (streams.isUnknownToPeer(end.id())) {
            remove(end);
          }
        });
    goingAway();
  }

  // === windows ===

  /** Whether the peer may send so many bytes on the connection. */
  final boolean take(int bytes) {
    return window.take(bytes);
  }

  /** Bytes went on their way: the peer may send as many again, on the stream now or later. */
  final void giveBack(Http2End end, int grant, int bytes) {
    if (grant > 0 && !isStopped()) {
      output().writer().windowUpdate(end.id(), grant);
      output().flushSoon();
    }
    giveBack(bytes);
  }

  final void giveBack(int bytes) {
    int grant = window.give(bytes);
    if (grant > 0 && !isStopped()) {
      output().writer().windowUpdate(0, grant);
      output().flushSoon();
    }
  }

  // === the connection ===

  @Override
  final FrameListener begin(Http2Output output) {
    frames = new Http2Frames(this, output);
    leave = new Http2Leave(this, output);
    return frames;
  }

  @Override
  final int lastOfPeer() {
    return streams.lastOfPeer();
  }

  @Override
  final void batchRead() {
    streams.readComplete();
  }

  @Override
  final void over() {
    leave.stop();
    forEach(this::remove);
  }

  final Http2Leave leave() {
    return leave;
  }

  /** Takes no new streams, and closes after the last one. */
  protected final void drain() {
    if (canTell()) {
      leave.drain();
    } else {
      var _ = context().close();
    }
  }
}
