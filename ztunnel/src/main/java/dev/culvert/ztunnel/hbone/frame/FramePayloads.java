// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone.frame;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersDecoder;
import java.nio.charset.StandardCharsets;

/** Understands the payloads of frames that are whole. */
final class FramePayloads {
  /** Of the reason that a GOAWAY may carry. */
  private static final int MAX_REASON = 200;

  private final FrameListener listener;
  private final ByteBufAllocator allocator;
  private final HeaderBlock block;
  private final Http2HeadersDecoder headers;

  FramePayloads(FrameListener listener, ByteBufAllocator allocator, int maxHeaderList) {
    this.listener = listener;
    this.allocator = allocator;
    this.block = new HeaderBlock(maxHeaderList);
    this.headers = new DefaultHttp2HeadersDecoder(true, maxHeaderList);
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
      case FrameType.DATA -> data(flags, stream, payload);
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

  private void data(int flags, int stream, ByteBuf payload) throws FrameException {
    int all = payload.readableBytes();
    ByteBuf data = unpadded(flags, payload);
    int bytes = data.readableBytes();
    boolean last = (flags & FrameType.FLAG_END_STREAM) != 0;
    listener.data(stream, data.readRetainedSlice(bytes), all - bytes, last);
  }

  private void headers(int flags, int stream, ByteBuf payload) throws FrameException {
    ByteBuf piece = unpadded(flags, payload);
    if ((flags & FrameType.FLAG_PRIORITY) != 0) {
      if (piece.readableBytes() < FrameType.PRIORITY_BYTES) {
        throw size("HEADERS");
      }
      piece.skipBytes(FrameType.PRIORITY_BYTES);
    }
    boolean last = (flags & FrameType.FLAG_END_STREAM) != 0;
    if ((flags & FrameType.FLAG_END_HEADERS) != 0) {
      decode(stream, piece, last);
    } else {
      block.begin(stream, last, piece, allocator);
    }
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
    Http2Headers decoded;
    try {
      decoded = headers.decodeHeaders(stream, whole);
    } catch (Http2Exception.HeaderListSizeException e) {
      listener.headersTooLarge(stream);
      return;
    } catch (Http2Exception e) {
      if (Http2Exception.isStreamError(e)) {
        throw protocol(e.getMessage());
      }
      throw new FrameException(ErrorCode.COMPRESSION_ERROR, e.getMessage());
    }
    listener.headers(stream, decoded, last);
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
    int reason = Math.min(payload.readableBytes(), MAX_REASON);
    listener.goAway(
        lastStream,
        code,
        payload.toString(payload.readerIndex(), reason, StandardCharsets.US_ASCII));
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
