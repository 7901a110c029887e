// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone.frame;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2HeadersDecoder;

/**
 * Cuts a peer's bytes into frames. DATA goes on with the bytes at hand, whatever its frame's length
 * is: waiting for the last byte of a 1 MiB frame would mean to copy it together from 64 TLS
 * records. Every other frame is short, is kept until it is whole, and has a bound. A peer's word
 * for a length reserves no memory.
 */
public final class FrameReader {
  /** Above all that is sent in earnest: 100 settings. */
  private static final int MAX_CONTROL = 1024;

  /** First room for a frame that comes in pieces; it grows with what comes. */
  private static final int KEPT_BYTES = 1024;

  /**
   * A part of DATA that is less than this part of its buffer is copied out of it: a peer could
   * otherwise hold 256 KiB of our memory by each byte of its windows.
   */
  private static final int WASTE_SHIFT = 4;

  private final FrameListener listener;
  private final FramePayloads payloads;
  private final ByteBufAllocator allocator;
  private final int maxFrame;
  private final int maxHeaderBlock;
  private final ByteBuf head = Unpooled.buffer(FrameType.HEAD_BYTES, FrameType.HEAD_BYTES);
  private ByteBuf preface;
  private boolean greeted;
  private ByteBuf kept;
  private int type;
  private int flags;
  private int stream;
  private int left;
  private int padding;
  private int uncounted;
  private boolean inFrame;
  private boolean padLengthDue;
  private boolean skips;

  /**
   * Reads a connection from its beginning.
   *
   * @param server whether the peer is a client, which sends the string that begins HTTP/2
   * @param maxFrame longest payload taken, bytes
   * @param maxHeaderList most bytes of one header block and of what it holds
   */
  public FrameReader(
      FrameListener listener,
      ByteBufAllocator allocator,
      boolean server,
      int maxFrame,
      int maxHeaderList) {
    // Values too (RFC 9113 8.2.1): one with a line break would be a line of its own in a log.
    this(
        listener,
        allocator,
        server,
        maxFrame,
        maxHeaderList,
        new DefaultHttp2HeadersDecoder(true, true, maxHeaderList));
  }

  /**
   * The same with a decoder that has its own form of headers, and its own bound on them.
   *
   * @param maxHeaderBlock most bytes of one header block
   */
  public FrameReader(
      FrameListener listener,
      ByteBufAllocator allocator,
      boolean server,
      int maxFrame,
      int maxHeaderBlock,
      Http2HeadersDecoder headers) {
    this.listener = listener;
    this.allocator = allocator;
    this.maxFrame = maxFrame;
    this.maxHeaderBlock = maxHeaderBlock;
    this.preface = server ? Http2CodecUtil.connectionPrefaceBuf() : Unpooled.EMPTY_BUFFER;
    this.payloads = new FramePayloads(listener, allocator, maxHeaderBlock, headers);
  }

  /**
   * Reads all bytes of a buffer, which it releases.
   *
   * @throws FrameException when the peer broke the protocol: nothing may be read after that
   */
  public void read(ByteBuf in) throws FrameException {
    boolean owned = true;
    try {
      while (owned && in.isReadable()) {
        if (preface.isReadable()) {
          matchPreface(in);
        } else if (!inFrame) {
          readHead(in);
        } else if (skips) {
          skip(in);
        } else if (type == FrameType.DATA) {
          owned = dataPart(in);
        } else {
          keep(in);
        }
      }
    } finally {
      if (owned) {
        in.release();
      }
    }
  }

  /** Releases what a frame that never became whole holds. */
  public void close() {
    payloads.close();
    preface = Unpooled.EMPTY_BUFFER;
    if (kept != null) {
      kept.release();
      kept = null;
    }
  }

  private void matchPreface(ByteBuf in) throws FrameException {
    int bytes = Math.min(in.readableBytes(), preface.readableBytes());
    if (!ByteBufUtil.equals(in, in.readerIndex(), preface, preface.readerIndex(), bytes)) {
      throw new FrameException(
          ErrorCode.PROTOCOL_ERROR,
          "the peer does not begin as HTTP/2 does, but with "
              + ByteBufUtil.hexDump(in, in.readerIndex(), bytes));
    }
    in.skipBytes(bytes);
    preface.skipBytes(bytes);
  }

  private void readHead(ByteBuf in) throws FrameException {
    if (!head.isReadable() && in.readableBytes() >= FrameType.HEAD_BYTES) {
      begin(in);
      return;
    }
    in.readBytes(head, Math.min(in.readableBytes(), head.writableBytes()));
    if (!head.isWritable()) {
      begin(head);
      head.clear();
    }
  }

  private void begin(ByteBuf from) throws FrameException {
    left = from.readUnsignedMedium();
    type = from.readUnsignedByte();
    flags = from.readUnsignedByte();
    stream = from.readInt() & Integer.MAX_VALUE;
    inFrame = true;
    check();
    if (skips) {
      inFrame = left > 0;
      listener.ignored();
    } else if (type == FrameType.DATA) {
      beginData();
    } else if (left == 0) {
      whole(Unpooled.EMPTY_BUFFER);
    }
  }

  private void beginData() throws FrameException {
    padding = 0;
    uncounted = 0;
    padLengthDue = (flags & FrameType.FLAG_PADDED) != 0;
    if (left == 0 && padLengthDue) {
      throw new FrameException(ErrorCode.FRAME_SIZE_ERROR, "padded DATA has a wrong length");
    }
    if (left == 0) {
      emptyData();
    }
  }

  private void check() throws FrameException {
    if (left > maxFrame) {
      throw tooLong("a frame of " + left + " bytes");
    }
    if (!greeted && (type != FrameType.SETTINGS || (flags & FrameType.FLAG_ACK) != 0)) {
      throw new FrameException(ErrorCode.PROTOCOL_ERROR, "the first frame is not SETTINGS");
    }
    greeted = true;
    payloads.checkOrder(type, stream);
    skips = type > FrameType.CONTINUATION || type == FrameType.PRIORITY;
    if (type == FrameType.PRIORITY && left != FrameType.PRIORITY_BYTES) {
      throw new FrameException(ErrorCode.FRAME_SIZE_ERROR, "PRIORITY has a wrong length");
    }
    if (!skips && left > bound()) {
      throw tooLong("a frame of type %d with %d bytes".formatted(type, left));
    }
  }

  private int bound() {
    return switch (type) {
      case FrameType.DATA -> maxFrame;
      case FrameType.HEADERS, FrameType.CONTINUATION -> maxHeaderBlock;
      case FrameType.GOAWAY -> Settings.DEFAULT_MAX_FRAME;
      default -> MAX_CONTROL;
    };
  }

  private static FrameException tooLong(String what) {
    return new FrameException(ErrorCode.FRAME_SIZE_ERROR, what + " is longer than allowed");
  }

  private void skip(ByteBuf in) {
    int bytes = Math.min(left, in.readableBytes());
    in.skipBytes(bytes);
    left -= bytes;
    inFrame = left > 0;
  }

  /** Whether the buffer is still the reader's. */
  private boolean dataPart(ByteBuf in) throws FrameException {
    if (padLengthDue) {
      padLength(in);
      return true;
    }
    int bytes = Math.min(left, in.readableBytes());
    boolean whole = bytes == in.readableBytes() && bytes >= in.capacity() >> WASTE_SHIFT;
    left -= bytes;
    boolean last = left == 0 && endsStream();
    endData();
    listener.data(stream, whole ? in.retain() : part(in, bytes), counted(), last);
    if (whole) {
      in.release();
    }
    return !whole;
  }

  private ByteBuf part(ByteBuf in, int bytes) {
    if (bytes >= in.capacity() >> WASTE_SHIFT) {
      return in.readRetainedSlice(bytes);
    }
    ByteBuf copy = allocator.directBuffer(bytes, bytes);
    in.readBytes(copy, bytes);
    return copy;
  }

  private void padLength(ByteBuf in) throws FrameException {
    padLengthDue = false;
    padding = in.readUnsignedByte();
    uncounted = 1 + padding;
    left -= uncounted;
    if (left < 0) {
      throw new FrameException(ErrorCode.PROTOCOL_ERROR, "padding longer than its frame");
    }
    if (left == 0) {
      emptyData();
    }
  }

  private void emptyData() throws FrameException {
    endData();
    listener.data(stream, Unpooled.EMPTY_BUFFER, counted(), endsStream());
  }

  /** What follows the last byte of data is padding, if any. */
  private void endData() {
    if (left == 0) {
      left = padding;
      skips = true;
      inFrame = left > 0;
    }
  }

  private boolean endsStream() {
    return (flags & FrameType.FLAG_END_STREAM) != 0;
  }

  /** The padding counts for the windows, once. */
  private int counted() {
    int bytes = uncounted;
    uncounted = 0;
    return bytes;
  }

  private void keep(ByteBuf in) throws FrameException {
    if (kept == null && in.readableBytes() >= left) {
      whole(in.readSlice(left));
      return;
    }
    if (kept == null) {
      kept = allocator.heapBuffer(Math.min(left, KEPT_BYTES), left);
    }
    int bytes = Math.min(in.readableBytes(), kept.maxWritableBytes());
    kept.writeBytes(in, bytes);
    if (kept.maxWritableBytes() == 0) {
      ByteBuf payload = kept;
      kept = null;
      try {
        whole(payload);
      } finally {
        payload.release();
      }
    }
  }

  private void whole(ByteBuf payload) throws FrameException {
    inFrame = false;
    payloads.read(type, flags, stream, payload);
  }
}
