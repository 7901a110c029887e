// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone.frame;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersDecoder;

/** Understands the payloads of frames that are whole: all but DATA. */
final class FramePayloads {
  /** RFC 7541 4.2: the smallest and the last size need be told, nothing between them. */
  private static final int MAX_SIZE_UPDATES = 2;

  private final FrameListener listener;
  private final ByteBufAllocator allocator;
  private final HeaderBlock block;
  private final Http2HeadersDecoder headers;

  FramePayloads(
      FrameListener listener,
      ByteBufAllocator allocator,
      int maxHeaderBlock,
      Http2HeadersDecoder headers) {
    this.listener = listener;
    this.allocator = allocator;
    this.block = new HeaderBlock(maxHeaderBlock);
    this.headers = headers;
  }

  /** Whether such a frame may come now, by its type and stream alone. */
  void checkOrder(int type, int stream) throws FrameException {
    boolean continues = type == FrameType.CONTINUATION;
    if (block.isOpen() != continues || (continues && stream != block.stream())) {
      throw protocol("a header block that does not go on, or goes on without a beginning");
    }
    boolean ofStream =
        switch (type) {
          case FrameType.DATA,
              FrameType.HEADERS,
              FrameType.PRIORITY,
              FrameType.RST_STREAM,
              FrameType.CONTINUATION ->
              true;
          case FrameType.SETTINGS, FrameType.PING, FrameType.GOAWAY -> false;
          default -> stream > 0;
        };
    if (ofStream != stream > 0) {
      throw protocol("a frame of type %d for stream %d".formatted(type, stream));
    }
  }

  void read(int type, int flags, int stream, ByteBuf payload) throws FrameException {
    switch (type) {
      case FrameType.HEADERS -> headers(flags, stream, payload);
      case FrameType.CONTINUATION -> continuation(flags, payload);
      case FrameType.RST_STREAM -> {
        length(payload, Integer.BYTES);
        listener.reset(stream, payload.readUnsignedInt());
      }
      case FrameType.SETTINGS -> settings(flags, payload);
      case FrameType.PING -> {
        length(payload, Long.BYTES);
        listener.ping(payload.readLong(), (flags & FrameType.FLAG_ACK) != 0);
      }
      case FrameType.GOAWAY -> goAway(payload);
      case FrameType.WINDOW_UPDATE -> {
        length(payload, Integer.BYTES);
        listener.windowUpdate(stream, payload.readInt() & Integer.MAX_VALUE);
      }
      default -> throw protocol("a frame of type " + type);
    }
  }

  void close() {
    block.close();
  }

  private void headers(int flags, int stream, ByteBuf payload) throws FrameException {
    ByteBuf piece = unpadded(flags, payload);
    if ((flags & FrameType.FLAG_PRIORITY) != 0) {
      skipPriority(stream, piece);
    }
    boolean last = (flags & FrameType.FLAG_END_STREAM) != 0;
    if ((flags & FrameType.FLAG_END_HEADERS) != 0) {
      decode(stream, piece, last);
    } else {
      block.begin(stream, last, piece, allocator);
    }
  }

  /** RFC 7540, 5.3.1; RFC 9113 has done away with the rest of it. */
  private static void skipPriority(int stream, ByteBuf piece) throws FrameException {
    if (piece.readableBytes() < FrameType.PRIORITY_BYTES) {
      throw size("HEADERS");
    }
    if ((piece.readInt() & Integer.MAX_VALUE) == stream) {
      throw protocol("a stream that depends on itself");
    }
    piece.skipBytes(FrameType.PRIORITY_BYTES - Integer.BYTES);
  }

  private void continuation(int flags, ByteBuf payload) throws FrameException {
    block.add(payload);
    if ((flags & FrameType.FLAG_END_HEADERS) != 0) {
      ByteBuf whole = block.take();
      try {
        decode(block.stream(), whole, block.last());
      } finally {
        whole.release();
      }
    }
  }

  private void decode(int stream, ByteBuf whole, boolean last) throws FrameException {
    boundSizeUpdates(whole);
    Http2Headers decoded;
    try {
      decoded = headers.decodeHeaders(stream, whole);
    } catch (Http2Exception.HeaderListSizeException e) {
      listener.headersTooLarge(stream);
      return;
    } catch (Http2Exception e) {
      // Netty's words may hold what the peer wrote, and go to logs.
      if (Http2Exception.isStreamError(e)) {
        listener.headersMalformed(stream);
        return;
      }
      throw new FrameException(ErrorCode.COMPRESSION_ERROR, "a header block that is not HPACK");
    }
    listener.headers(stream, decoded, last);
  }

  /** Each costs a new table, and a byte to ask for. */
  private static void boundSizeUpdates(ByteBuf block) throws FrameException {
    int at = block.readerIndex();
    for (int updates = 0; at < block.writerIndex() && isSizeUpdate(block.getByte(at)); updates++) {
      if (updates == MAX_SIZE_UPDATES) {
        throw new FrameException(ErrorCode.COMPRESSION_ERROR, "too many table size updates");
      }
      boolean goesOn = (block.getByte(at) & 0x1f) == 0x1f;
      at++;
      while (goesOn && at < block.writerIndex()) {
        goesOn = block.getByte(at) < 0;
        at++;
      }
    }
  }

  private static boolean isSizeUpdate(byte first) {
    return (first & 0xe0) == 0x20;
  }

  private void settings(int flags, ByteBuf payload) throws FrameException {
    if ((flags & FrameType.FLAG_ACK) != 0) {
      length(payload, 0);
      listener.settingsAck();
      return;
    }
    if (payload.readableBytes() % FrameType.SETTING_BYTES != 0) {
      throw size("SETTINGS");
    }
    while (payload.isReadable()) {
      listener.setting(payload.readUnsignedShort(), payload.readUnsignedInt());
    }
    listener.settingsEnd();
  }

  private void goAway(ByteBuf payload) throws FrameException {
    if (payload.readableBytes() < 2 * Integer.BYTES) {
      throw size("GOAWAY");
    }
    int lastStream = payload.readInt() & Integer.MAX_VALUE;
    long code = payload.readUnsignedInt();
    listener.goAway(lastStream, code, GoAwayReason.read(payload));
  }

  private static ByteBuf unpadded(int flags, ByteBuf payload) throws FrameException {
    if ((flags & FrameType.FLAG_PADDED) == 0) {
      return payload;
    }
    if (!payload.isReadable()) {
      throw size("a padded frame");
    }
    int padding = payload.readUnsignedByte();
    if (padding > payload.readableBytes()) {
      throw protocol("padding longer than its frame");
    }
    return payload.readSlice(payload.readableBytes() - padding);
  }

  private static void length(ByteBuf payload, int bytes) throws FrameException {
    if (payload.readableBytes() != bytes) {
      throw size("a frame of fixed length");
    }
  }

  private static FrameException size(String frame) {
    return new FrameException(ErrorCode.FRAME_SIZE_ERROR, frame + " has a wrong length");
  }

  private static FrameException protocol(String problem) {
    return new FrameException(ErrorCode.PROTOCOL_ERROR, problem);
  }
}
