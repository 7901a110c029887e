// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import dev.culvert.ztunnel.hbone.frame.ErrorCode;
import dev.culvert.ztunnel.hbone.frame.FrameException;
import dev.culvert.ztunnel.hbone.frame.FrameListener;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Headers;
import org.jspecify.annotations.Nullable;

/** What the frames of a connection's peer mean (RFC 9113, section 6). On its event loop. */
final class Http2Frames implements FrameListener {
  private final Http2Session session;
  private final Http2Streams streams;
  private final Http2Output output;
  private final Http2Flood flood = new Http2Flood();
  private final Http2PeerSettings peer;

  Http2Frames(Http2Session session, Http2Output output) {
    this.session = session;
    this.streams = session.streams();
    this.output = output;
    this.peer = new Http2PeerSettings(session.isServer());
  }

  /** How the peer wants to be treated. */
  Http2PeerSettings peer() {
    return peer;
  }

  @Override
  public void headers(int id, Http2Headers decoded, boolean last) throws FrameException {
    // Of Http2FieldsDecoder, which makes no others.
    Http2Fields fields = (Http2Fields) decoded;
    Http2End end = streams.get(id);
    if (end == null) {
      unknown(id, fields, last);
    } else if (end.isInputEnded()) {
      streamError(end, ErrorCode.STREAM_CLOSED);
    } else {
      session.touch(end);
      end.headersRead(fields, last);
    }
  }

  private void unknown(int id, Http2Fields fields, boolean last) throws FrameException {
    if (!streams.isPeers(id)) {
      mayBeGone(id);
      flood.count();
    } else if (id <= streams.lastOfPeer()) {
      behind(id, fields);
    } else if (!session.isClosing()) {
      streams.lastOfPeer(id);
      if (session.isFull()) {
        flood.countCostly();
        output.writer().reset(id, ErrorCode.REFUSED_STREAM);
        output.flushSoon();
      } else {
        var _ = session.moved();
        session.opened(id, fields, last);
      }
    }
  }

  /** Trailers of a stream that was reset meanwhile, or a number that was left out before. */
  private void behind(int id, Http2Fields fields) throws FrameException {
    if (fields.hasPseudo()) {
      flood.countCostly();
      output.writer().reset(id, ErrorCode.STREAM_CLOSED);
      output.flushSoon();
    } else {
      flood.count();
    }
  }

  @Override
  public void headersTooLarge(int id) throws FrameException {
    Http2End end = begun(id);
    if (end != null) {
      end.malformed("headers of more bytes than allowed");
    } else if (session.isNew(id)) {
      streams.lastOfPeer(id);
      session.tooLarge(id);
    }
  }

  @Override
  public void headersMalformed(int id) throws FrameException {
    flood.countCostly();
    Http2End end = begun(id);
    if (end != null) {
      end.malformed("headers with a name or a value that there is not");
    } else if (session.isNew(id)) {
      streams.lastOfPeer(id);
      output.writer().reset(id, ErrorCode.PROTOCOL_ERROR);
      output.flushSoon();
    }
  }

  private @Nullable Http2End begun(int id) throws FrameException {
    Http2End end = streams.get(id);
    if (end == null && !streams.isPeers(id)) {
      mayBeGone(id);
    }
    return end;
  }

  @Override
  public void data(int id, ByteBuf data, int padding, boolean last) throws FrameException {
    int bytes = data.readableBytes() + padding;
    boolean owned = true;
    try {
      if (!session.take(bytes)) {
        throw new FrameException(ErrorCode.FLOW_CONTROL_ERROR, "more DATA than the window allows");
      }
      if (!data.isReadable() && !last) {
        flood.countCostly();
      }
      Http2End end = streams.get(id);
      if (end == null) {
        mayBeGone(id);
        session.giveBack(bytes);
      } else if (end.isInputEnded()) {
        session.giveBack(bytes);
        streamError(end, ErrorCode.STREAM_CLOSED);
      } else if (end.take(bytes)) {
        owned = false;
        session.touch(end);
        deliver(end, data, padding, last);
      } else {
        streamError(end, ErrorCode.FLOW_CONTROL_ERROR);
      }
    } finally {
      if (owned) {
        data.release();
      }
    }
  }

  /** Padding is given back at once, data when it is with the other end. */
  private static void deliver(Http2End end, ByteBuf data, int padding, boolean last) {
    end.consumed(padding);
    end.data(data, last);
  }

  private void streamError(Http2End end, ErrorCode code) throws FrameException {
    flood.countCostly();
    end.fail(end.failure(null));
    session.reset(end, code);
  }

  /**
   * A frame of a stream that never was is an error; what was on its way to one that was, is not.
   */
  private void mayBeGone(int id) throws FrameException {
    boolean known = streams.wasThere(id) || (streams.isPeers(id) && session.isClosing());
    if (!known) {
      throw new FrameException(ErrorCode.PROTOCOL_ERROR, "a frame for stream %d".formatted(id));
    }
  }

  @Override
  public void reset(int id, long code) throws FrameException {
    if (session.isServer()) {
      flood.countCostly();
    } else {
      flood.count();
    }
    Http2End end = streams.get(id);
    if (end == null) {
      mayBeGone(id);
    } else {
      var _ = session.moved();
      end.resetRead(code);
    }
  }

  @Override
  public void ignored() throws FrameException {
    flood.count();
  }

  @Override
  public void setting(int id, long value) throws FrameException {
    peer.told(id, value, output);
  }

  @Override
  public void settingsEnd() throws FrameException {
    flood.count();
    peer.apply(session);
    output.writer().settingsAck();
    output.flushSoon();
  }

  @Override
  public void settingsAck() throws FrameException {
    flood.count();
  }

  @Override
  public void ping(long data, boolean ack) throws FrameException {
    flood.count();
    if (ack) {
      session.leave().answered(data);
    } else {
      output.writer().ping(data, true);
      output.flushSoon();
    }
  }

  @Override
  public void goAway(int last, long code, String reason) throws FrameException {
    flood.count();
    session.goneAway(last);
  }

  @Override
  public void windowUpdate(int id, int bytes) throws FrameException {
    if (!output.window().spendUpdate()) {
      flood.count();
    }
    if (id == 0) {
      ofConnection(bytes);
      return;
    }
    Http2End end = streams.get(id);
    if (end == null) {
      mayBeGone(id);
    } else if (bytes == 0) {
      streamError(end, ErrorCode.PROTOCOL_ERROR);
    } else if (end.grow(bytes)) {
      end.wake();
      output.flushSoon();
    } else {
      streamError(end, ErrorCode.FLOW_CONTROL_ERROR);
    }
  }

  private void ofConnection(int bytes) throws FrameException {
    if (bytes == 0) {
      throw new FrameException(ErrorCode.PROTOCOL_ERROR, "WINDOW_UPDATE of nothing");
    }
    boolean wasOpen = output.isOpen();
    output.window().grow(bytes);
    output.flushSoon();
    if (!wasOpen) {
      session.wakeAll();
    }
  }
}
