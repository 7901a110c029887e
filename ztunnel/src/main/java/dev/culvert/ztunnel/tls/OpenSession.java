// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.tls;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.internal.tcnative.SSL;
import javax.net.ssl.SSLException;

/**
 * BoringSSL's side of a session whose handshake is over, by addresses of memory. It lives as long
 * as the engine that it was opened with, of which nothing else may be asked any more than what it
 * knows: bytes go another way than the engine's from here on.
 */
final class OpenSession {
  /** Most plaintext of a record. */
  static final int RECORD_BYTES = 16 * 1024;

  /** What BoringSSL has to say for itself: an alert, an update of keys. */
  private static final int ANSWER_BYTES = 2048;

  private final ReferenceCountedOpenSslEngine engine;
  private final long ssl;
  private final long bio;
  private final int overhead;

  /** How a session stands after it was asked for plaintext. */
  enum State {
    /** More may come. */
    OPEN,
    /** The peer said that no more follows. */
    ENDED,
    /** A record was not the peer's, or the peer broke the session off. */
    BROKEN
  }

  /**
   * Takes the session over.
   *
   * @param engine whose handshake is over and which has sent all that it had to say
   */
  OpenSession(ReferenceCountedOpenSslEngine engine) {
    this.engine = engine;
    engine.retain();
    ssl = engine.sslPointer();
    bio = SSL.bioNewByteBuffer(ssl, ANSWER_BYTES);
    overhead = SSL.getMaxWrapOverhead(ssl);
  }

  /** What a record has beside its plaintext at most, bytes. */
  int overhead() {
    return overhead;
  }

  /** Where records are until {@link #detach}: they are copied when they are read. */
  void input(long address, int bytes) {
    SSL.bioSetByteBuffer(bio, address, bytes, false);
  }

  /** Where records go until {@link #detach}: first what BoringSSL has to say itself. */
  void output(long address, int room) {
    SSL.bioSetByteBuffer(bio, address, room, true);
    SSL.bioFlushByteBuffer(bio);
  }

  /** Bytes of the input that were not read, or of the output that are free. */
  int left() {
    return SSL.bioLengthByteBuffer(bio);
  }

  /** The memory named last is not touched any more. */
  void detach() {
    SSL.bioClearByteBuffer(bio);
  }

  /**
   * Plaintext of the next record, or the rest of it.
   *
   * @return how many bytes; else the reason is {@link #state}
   */
  int read(long address, int room) {
    return SSL.readFromSSL(ssl, address, room);
  }

  /** Why {@link #read} gave this, which was not plaintext; asked at once. */
  State state(int result) {
    int error = SSL.getError(ssl, result);
    if (error == SSL.SSL_ERROR_WANT_READ || error == SSL.SSL_ERROR_WANT_WRITE) {
      return State.OPEN;
    }
    return error == SSL.SSL_ERROR_ZERO_RETURN ? State.ENDED : State.BROKEN;
  }

  /** What broke the session; asked at once. */
  static SSLException failure() {
    int error = SSL.getLastErrorNumber();
    SSL.clearError();
    return new SSLException(error == 0 ? "TLS broke" : SSL.getErrorString(error));
  }

  /**
   * Seals one record.
   *
   * @param bytes at most {@link #RECORD_BYTES}
   * @throws SSLException when it is not in the output, whole
   */
  void write(long address, int bytes) throws SSLException {
    int written = SSL.writeToSSL(ssl, address, bytes);
    if (written != bytes) {
      throw failure();
    }
  }

  /** Says that no more follows, in {@link #answers}. */
  void end() {
    SSL.shutdownSSL(ssl);
    SSL.clearError();
  }

  /** What BoringSSL has to say itself, else null. */
  ByteBuf answers(ByteBufAllocator allocator) {
    int bytes = SSL.bioLengthNonApplication(bio);
    if (bytes <= 0) {
      return null;
    }
    ByteBuf out = allocator.directBuffer(bytes);
    output(out.memoryAddress(), bytes);
    out.writerIndex(bytes - left());
    detach();
    return out;
  }

  /** Nothing may be asked after this. */
  void close() {
    engine.release();
  }
}
