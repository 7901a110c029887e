// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.ztunnel.hbone.frame.ErrorCode;
import dev.culvert.ztunnel.hbone.frame.FrameException;
import io.netty.buffer.ByteBuf;
import java.io.IOException;

/** What the frames of a tunnel's peer mean, whichever side it is (RFC 9113). */
abstract class TunnelFrames extends TunnelHandler {
  TunnelFrames(TunnelSettings settings, boolean server) {
    super(settings, server);
  }

  @Override
  public final void data(int id, ByteBuf data, int padding, boolean last) throws FrameException {
    int bytes = data.readableBytes() + padding;
    if (!input().takeWindow(bytes)) {
      data.release();
      throw new FrameException(ErrorCode.FLOW_CONTROL_ERROR, "more DATA than the window allows");
    }
    HboneStream stream = known(id, data);
    if (!data.isReadable() && (!last || stream == null)) {
      flood().count();
    }
    if (stream == null) {
      data.release();
      input().returnWindow(bytes);
    } else if (stream.input().isEnded()) {
      data.release();
      input().returnWindow(bytes);
      stream.fail(new IOException("the peer sent data after its end"));
      reset(stream, ErrorCode.STREAM_CLOSED);
    } else if (!stream.input().take(bytes)) {
      data.release();
      stream.fail(new IOException("the peer sent more than it may"));
      reset(stream, ErrorCode.FLOW_CONTROL_ERROR);
    } else {
      deliver(stream, data, padding, last);
    }
  }

  private static void deliver(HboneStream stream, ByteBuf data, int padding, boolean last) {
    stream.data(data);
    if (padding > 0) {
      stream.written(padding);
    }
    if (last) {
      stream.ended();
    }
  }

  private HboneStream known(int id, ByteBuf data) throws FrameException {
    try {
      return known(id);
    } catch (FrameException e) {
      data.release();
      throw e;
    }
  }

  /** Null for one that has ended: what was on its way to it is ignored. */
  final HboneStream known(int id) throws FrameException {
    HboneStream stream = stream(id);
    if (stream == null && (id > lastStream() || (id & 1) == 0)) {
      throw new FrameException(ErrorCode.PROTOCOL_ERROR, "a frame for stream %d".formatted(id));
    }
    return stream;
  }

  @Override
  public final void reset(int id, long code) throws FrameException {
    flood().count();
    HboneStream stream = known(id);
    if (stream != null) {
      resetByPeer(stream, code);
      remove(stream);
    }
  }

  /** The peer reset a stream. */
  void resetByPeer(HboneStream stream, long code) {
    stream.resetByPeer(code);
  }

  @Override
  public final void setting(int id, long value) throws FrameException {
    peer().told(id, value, output());
  }

  @Override
  public final void settingsEnd() throws FrameException {
    flood().count();
    peer().apply(this);
    output().writer().settingsAck();
    flushSoon();
    settingsTold();
  }

  /** The peer said how it wants to be treated. */
  void settingsTold() {}

  @Override
  public final void settingsAck() throws FrameException {
    flood().count();
  }

  @Override
  public final void ignored() throws FrameException {
    flood().count();
  }

  @Override
  public final void ping(long data, boolean ack) throws FrameException {
    flood().count();
    if (ack) {
      keepalive().answered(data);
    } else {
      output().writer().ping(data, true);
      flushSoon();
    }
  }

  @Override
  public final void goAway(int lastStreamKnown, long code, String reason) throws FrameException {
    flood().count();
    if (code != ErrorCode.NO_ERROR.code()) {
      String why = "the peer ends the tunnel: %s %s".formatted(ErrorCode.name(code), reason);
      failing(new IOException(why.strip()));
    }
    end().retire();
    goneAway(lastStreamKnown);
    end().closeIfUnused();
  }

  @Override
  public final void windowUpdate(int id, int bytes) throws FrameException {
    if (!output().window().spendUpdate()) {
      flood().count();
    }
    if (id == 0) {
      if (bytes == 0) {
        throw new FrameException(ErrorCode.PROTOCOL_ERROR, "WINDOW_UPDATE of nothing");
      }
      output().window().grow(bytes);
    } else {
      HboneStream stream = known(id);
      if (stream != null && (bytes == 0 || !stream.output().grow(bytes))) {
        stream.fail(new IOException("the peer sent a WINDOW_UPDATE of %d bytes".formatted(bytes)));
        reset(stream, bytes == 0 ? ErrorCode.PROTOCOL_ERROR : ErrorCode.FLOW_CONTROL_ERROR);
      }
    }
    flushSoon();
  }
}
