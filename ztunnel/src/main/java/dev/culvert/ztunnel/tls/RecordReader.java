// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.tls;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import javax.net.ssl.SSLException;

/**
 * Opens records in the memory that they came in: BoringSSL copies each before it opens it, and a
 * record's plaintext is shorter. Only of a record that began in an earlier buffer the plaintext may
 * be longer than what came of it now, and has memory of its own.
 */
final class RecordReader {
  private static final int HEAD_BYTES = 5;
  private static final int LENGTH_AT = 3;

  private final OpenSession session;
  private final ByteBufAllocator allocator;

  /** Whether the next byte is known to begin a record. */
  private boolean between;

  private OpenSession.State state = OpenSession.State.OPEN;
  private SSLException failure;

  RecordReader(OpenSession session, ByteBufAllocator allocator) {
    this.session = session;
    this.allocator = allocator;
  }

  /** How the session stands after what was read last. */
  OpenSession.State state() {
    return state;
  }

  /** Why it is broken. */
  SSLException failure() {
    return failure;
  }

  /**
   * Makes plaintext of records, and keeps what is not a whole one.
   *
   * @param in nobody else's memory; what is readable of it afterwards is plaintext
   * @return what comes before that, or null
   */
  ByteBuf read(ByteBuf in) {
    session.input(in.memoryAddress() + in.readerIndex(), in.readableBytes());
    ByteBuf first = null;
    try {
      first = between ? null : readFirst();
      if (state == OpenSession.State.OPEN && (between || first != null)) {
        readOn(in);
      } else {
        in.readerIndex(in.writerIndex());
      }
    } finally {
      session.detach();
    }
    return first;
  }

  private ByteBuf readFirst() {
    ByteBuf out = allocator.directBuffer(OpenSession.RECORD_BYTES, OpenSession.RECORD_BYTES);
    int read = session.read(out.memoryAddress(), OpenSession.RECORD_BYTES);
    if (read <= 0) {
      out.release();
      stopped(read);
      return null;
    }
    return out.writerIndex(read);
  }

  private void readOn(ByteBuf in) {
    between = endsBetween(in, in.writerIndex() - session.left());
    int begin = in.readerIndex();
    int room = in.readableBytes();
    long address = in.memoryAddress() + begin;
    int read = 0;
    int last;
    do {
      last = session.read(address + read, room - read);
      read += Math.max(last, 0);
    } while (last > 0);
    in.writerIndex(begin + read);
    stopped(last);
  }

  /** Looks at the records' heads, which are lost when the first of them is opened. */
  private static boolean endsBetween(ByteBuf in, int from) {
    int at = from;
    int end = in.writerIndex();
    while (end - at >= HEAD_BYTES) {
      at += HEAD_BYTES + in.getUnsignedShort(at + LENGTH_AT);
    }
    return at == end;
  }

  private void stopped(int result) {
    state = session.state(result);
    if (state == OpenSession.State.BROKEN) {
      failure = OpenSession.failure();
    }
  }
}
