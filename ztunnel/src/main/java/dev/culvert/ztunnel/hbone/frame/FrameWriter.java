// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone.frame;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersEncoder;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;

/**
 * Writes frames. Short ones gather in one buffer, in their order, with the heads of DATA frames
 * between them; long payloads pass by without a copy. All of it leaves with {@link #finish}.
 */
public final class FrameWriter {
  /** Payloads up to here are copied: a buffer of their own costs more. */
  private static final int COPIED = 2048;

  private static final int GATHERED = 4096;
  private static final int MAX_TABLE = 4096;

  private final ChannelHandlerContext context;
  private final Http2HeadersEncoder encoder;
  private ByteBuf gathered;
  private int table = MAX_TABLE;
  private int tableTold = MAX_TABLE;
  private int tableLeast = MAX_TABLE;

  /**
   * Writes to a context.
   *
   * @param perStream names of headers whose values differ from stream to stream: kept out of the
   *     compression's table, where they would only push out what comes again
   */
  public FrameWriter(ChannelHandlerContext context, AsciiString... perStream) {
    this.context = context;
    this.encoder = new DefaultHttp2HeadersEncoder((name, value) -> isOneOf(name, perStream), true);
  }

  private static boolean isOneOf(CharSequence name, AsciiString[] names) {
    for (AsciiString candidate : names) {
      if (candidate.contentEqualsIgnoreCase(name)) {
        return true;
      }
    }
    return false;
  }

  /** The string that a client begins with. */
  public void preface() {
    ByteBuf preface = Http2CodecUtil.connectionPrefaceBuf();
    room().writeBytes(preface);
    preface.release();
  }

  /**
   * SETTINGS.
   *
   * @param settings number, value, number, value
   */
  public void settings(int... settings) {
    ByteBuf out = head(settings.length / 2 * FrameType.SETTING_BYTES, FrameType.SETTINGS, 0, 0);
    for (int i = 0; i < settings.length; i += 2) {
      out.writeShort(settings[i]).writeInt(settings[i + 1]);
    }
  }

  public void settingsAck() {
    head(0, FrameType.SETTINGS, FrameType.FLAG_ACK, 0);
  }

  public void ping(long data, boolean ack) {
    head(Long.BYTES, FrameType.PING, ack ? FrameType.FLAG_ACK : 0, 0).writeLong(data);
  }

  /**
   * WINDOW_UPDATE.
   *
   * @param stream 0: the connection
   */
  public void windowUpdate(int stream, int bytes) {
    head(Integer.BYTES, FrameType.WINDOW_UPDATE, 0, stream).writeInt(bytes);
  }

  public void reset(int stream, ErrorCode code) {
    head(Integer.BYTES, FrameType.RST_STREAM, 0, stream).writeInt(code.code());
  }

  public void goAway(int lastStream, ErrorCode code, String reason) {
    byte[] text = GoAwayReason.bounded(reason).getBytes(StandardCharsets.US_ASCII);
    head(2 * Integer.BYTES + text.length, FrameType.GOAWAY, 0, 0)
        .writeInt(lastStream)
        .writeInt(code.code())
        .writeBytes(text);
  }

  /**
   * How much of the other end's memory the compression may use, as the peer says. The encoder hears
   * of it with the next HEADERS: it would keep an answer to each change of a peer that says no end
   * of them.
   */
  public void headerTable(long bytes) {
    tableTold = (int) Math.min(bytes, MAX_TABLE);
    tableLeast = Math.min(tableLeast, tableTold);
  }

  /**
   * HEADERS, with CONTINUATION where the peer's frames are too short for them.
   *
   * @throws FrameException when they cannot be encoded
   */
  public void headers(int stream, Http2Headers headers, boolean last, int peerMaxFrame)
      throws FrameException {
    ByteBuf out = room();
    int begin = out.writerIndex();
    out.writeZero(FrameType.HEAD_BYTES);
    try {
      resizeTable();
      encoder.encodeHeaders(stream, headers, out);
    } catch (Http2Exception e) {
      out.writerIndex(begin);
      throw new FrameException(ErrorCode.INTERNAL_ERROR, e.getMessage());
    }
    int length = out.writerIndex() - begin - FrameType.HEAD_BYTES;
    int flags = last ? FrameType.FLAG_END_STREAM : 0;
    if (length <= peerMaxFrame) {
      setHead(out, begin, length, FrameType.HEADERS, flags | FrameType.FLAG_END_HEADERS, stream);
    } else {
      split(out, begin, length, flags, stream, peerMaxFrame);
    }
  }

  /** RFC 7541 4.2: the smallest size that there was meanwhile, then the last. */
  private void resizeTable() throws Http2Exception {
    if (tableTold != table || tableLeast < table) {
      encoder.configuration().maxHeaderTableSize(tableLeast);
      encoder.configuration().maxHeaderTableSize(tableTold);
      table = tableTold;
      tableLeast = table;
    }
  }

  private void split(ByteBuf out, int begin, int length, int flags, int stream, int maxFrame) {
    setHead(out, begin, maxFrame, FrameType.HEADERS, flags, stream);
    int at = begin + FrameType.HEAD_BYTES + maxFrame;
    ByteBuf rest = out.copy(at, length - maxFrame);
    out.writerIndex(at);
    while (rest.isReadable()) {
      int piece = Math.min(maxFrame, rest.readableBytes());
      boolean end = piece == rest.readableBytes();
      head(piece, FrameType.CONTINUATION, end ? FrameType.FLAG_END_HEADERS : 0, stream);
      gathered.writeBytes(rest, piece);
    }
    rest.release();
  }

  /** The head of a DATA frame; its payload follows by {@link #payload}. */
  public void data(int stream, int bytes, boolean last) {
    head(bytes, FrameType.DATA, last ? FrameType.FLAG_END_STREAM : 0, stream);
  }

  /** A part of the payload, which the writer now owns. */
  public void payload(ByteBuf part) {
    if (part.readableBytes() <= COPIED) {
      room().writeBytes(part);
      part.release();
    } else {
      finish();
      var _ = context.write(part, context.voidPromise());
    }
  }

  /** Hands on what has gathered; the context is to be flushed after it. */
  public void finish() {
    if (gathered != null) {
      ByteBuf all = gathered;
      gathered = null;
      var _ = context.write(all, context.voidPromise());
    }
  }

  /** Releases what was not handed on. */
  public void close() {
    if (gathered != null) {
      gathered.release();
      gathered = null;
    }
  }

  private ByteBuf head(int length, int type, int flags, int stream) {
    ByteBuf out = room();
    return out.writeMedium(length).writeByte(type).writeByte(flags).writeInt(stream);
  }

  private static void setHead(ByteBuf out, int at, int length, int type, int flags, int stream) {
    out.setMedium(at, length);
    out.setByte(at + 3, type);
    out.setByte(at + 4, flags);
    out.setInt(at + 5, stream);
  }

  private ByteBuf room() {
    if (gathered != null && gathered.readableBytes() >= GATHERED) {
      finish();
    }
    if (gathered == null) {
      gathered = context.alloc().directBuffer(GATHERED);
    }
    return gathered;
  }
}
