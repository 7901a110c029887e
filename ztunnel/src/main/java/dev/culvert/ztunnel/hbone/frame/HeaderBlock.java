// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone.frame;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * The header block that HEADERS began and CONTINUATION goes on with. Between the two nothing else
 * may come, so there is never more than one; its length and its pieces are bounded.
 */
final class HeaderBlock {
  /** A block of the longest header list, in pieces of the smallest frame size, rounded up. */
  private static final int MAX_PIECES = 32;

  private final int maxBytes;
  private ByteBuf bytes;
  private int stream;
  private int pieces;
  private boolean last;

  HeaderBlock(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** Whether CONTINUATION must follow. */
  boolean isOpen() {
    return bytes != null;
  }

  int stream() {
    return stream;
  }

  boolean last() {
    return last;
  }

  void begin(int forStream, boolean endsStream, ByteBuf piece, ByteBufAllocator allocator)
      throws FrameException {
    stream = forStream;
    last = endsStream;
    pieces = 0;
    bytes = allocator.heapBuffer(piece.readableBytes());
    add(piece);
  }

  void add(ByteBuf piece) throws FrameException {
    pieces++;
    if (pieces > MAX_PIECES || bytes.readableBytes() + piece.readableBytes() > maxBytes) {
      close();
      throw new FrameException(
          ErrorCode.ENHANCE_YOUR_CALM,
          "a header block of more than %d bytes or %d frames".formatted(maxBytes, MAX_PIECES));
    }
    bytes.writeBytes(piece);
  }

  /** The whole block, which the caller releases. */
  ByteBuf take() {
    ByteBuf whole = bytes;
    bytes = null;
    return whole;
  }

  void close() {
    if (bytes != null) {
      bytes.release();
      bytes = null;
    }
  }
}
