// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.tls;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import java.util.Queue;
import javax.net.ssl.SSLException;

/**
 * Makes records of what gathers until a flush, in one buffer: a short record first, then full ones,
 * so that long payloads behind a short head are sealed from where they are.
 */
final class RecordWriter {
  /** Room for what BoringSSL says itself before the first record. */
  private static final int SPARE = 2048;

  private final OpenSession session;
  private final ByteBufAllocator allocator;
  private final Queue<ByteBuf> plaintext = new ArrayDeque<>();
  private int bytes;

  RecordWriter(OpenSession session, ByteBufAllocator allocator) {
    this.session = session;
    this.allocator = allocator;
  }

  /** Bytes that have gathered. */
  int bytes() {
    return bytes;
  }

  /** Takes plaintext, which it owns from now on. */
  void add(ByteBuf data) {
    if (data.isReadable()) {
      bytes += data.readableBytes();
      plaintext.add(data);
    } else {
      data.release();
    }
  }

  /**
   * Seals all that has gathered.
   *
   * @return the records, or null if there was nothing
   */
  ByteBuf seal() throws SSLException {
    if (bytes == 0) {
      return null;
    }
    int records = (bytes - 1) / OpenSession.RECORD_BYTES + 1;
    ByteBuf out = allocator.directBuffer(bytes + records * session.overhead() + SPARE);
    ByteBuf gathered = null;
    boolean sealed = false;
    session.output(out.memoryAddress(), out.capacity());
    try {
      while (bytes > 0) {
        int record = (bytes - 1) % OpenSession.RECORD_BYTES + 1;
        ByteBuf head = plaintext.element();
        if (head.hasMemoryAddress() && head.readableBytes() >= record) {
          session.write(head.memoryAddress() + head.readerIndex(), record);
          head.skipBytes(record);
          dropRead(head);
        } else {
          gathered = gathered == null ? room(record) : gathered.clear();
          gather(gathered, record);
          session.write(gathered.memoryAddress(), record);
        }
        bytes -= record;
      }
      out.writerIndex(out.capacity() - session.left());
      sealed = true;
      return out;
    } finally {
      session.detach();
      if (gathered != null) {
        gathered.release();
      }
      if (!sealed) {
        out.release();
      }
    }
  }

  /** The first record may be the only one that is gathered, or short before a full one is. */
  private ByteBuf room(int record) {
    return allocator.directBuffer(bytes > record ? OpenSession.RECORD_BYTES : record);
  }

  private void gather(ByteBuf record, int length) {
    while (record.readableBytes() < length) {
      ByteBuf head = plaintext.element();
      record.writeBytes(head, Math.min(head.readableBytes(), length - record.readableBytes()));
      dropRead(head);
    }
  }

  private void dropRead(ByteBuf head) {
    if (!head.isReadable()) {
      plaintext.remove();
      head.release();
    }
  }

  /** Releases what was not sealed. */
  void close() {
    bytes = 0;
    for (ByteBuf left = plaintext.poll(); left != null; left = plaintext.poll()) {
      left.release();
    }
  }
}
