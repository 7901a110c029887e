// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;

/**
 * How one pod's sockets are read: as much at a time as the stream proves to need, within the pod's
 * share of the event loop.
 */
final class PodReads implements RecvByteBufAllocator {
  /** What a socket may read though its pod has had its share: none is forgotten. */
  static final int LEAST = 4 * 1024;

  /**
   * A read is as large as the stream proves to need, up to about as much as Istio's ztunnel reads:
   * to what leaves as four whole packets of the kernel, with what a tunnel adds. With 512 KiB,
   * io_uring took 70 % more CPU for bulk: such buffers are not reused.
   */
  static final int MOST = 4 * WholePacket.BYTES;

  /** Sizes grow by powers of two. */
  private static final int MOST_GUESSED = 256 * 1024;

  private static final int FIRST = 4 * 1024;

  private static final RecvByteBufAllocator SIZES =
      new AdaptiveRecvByteBufAllocator(1024, FIRST, MOST_GUESSED);

  /** Called on the event loop of the channel that it is for. */
  @Override
  public SharedHandle newHandle() {
    return new SharedHandle((ExtendedHandle) SIZES.newHandle(), LoopTurn.current().of(this));
  }

  static final class SharedHandle extends DelegatingHandle implements ExtendedHandle {
    private final ExtendedHandle sizes;
    private final LoopTurn.Share share;

    SharedHandle(ExtendedHandle sizes, LoopTurn.Share share) {
      super(sizes);
      this.sizes = sizes;
      this.share = share;
    }

    @Override
    public int guess() {
      return Math.min(Math.min(sizes.guess(), MOST), Math.max(share.left(), LEAST));
    }

    @Override
    public ByteBuf allocate(ByteBufAllocator allocator) {
      return allocator.ioBuffer(guess());
    }

    @Override
    public void lastBytesRead(int bytes) {
      sizes.lastBytesRead(bytes);
      if (bytes > 0) {
        share.took(bytes);
      }
    }

    @Override
    public boolean continueReading() {
      return share.left() > 0 && sizes.continueReading();
    }

    @Override
    public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
      return share.left() > 0 && sizes.continueReading(maybeMore);
    }
  }
}
