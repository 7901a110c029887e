// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/**
 * Messages of HTTP/1 as they are cut out of a connection's bytes (RFC 9112, sections 2, 6 and 7).
 * What was read is kept only until it is a whole line or head; bodies are handed on in the pieces
 * that came. What hears of it may end, pause or resume it from within. On the connection's event
 * loop.
 */
public final class Http1Input {
  private enum Reads {
    HEAD,
    BODY,
    CHUNK_SIZE,
    CHUNK,
    CHUNK_END,
    TRAILERS,
    TO_THE_END,
    /** A message is whole, and nobody asked for the next. */
    PAUSED,
    NOTHING
  }

  /** Empty lines before a head that are passed over (RFC 9112, section 2.2). */
  private static final int MOST_EMPTY = 8;

  private static final int MOST_TRAILERS = 100;

  private final Http1Messages messages;
  private final ByteBufAllocator memory;
  private final boolean client;
  private final Http1Lines lines;

  private @Nullable ByteBuf held;
  private Reads reads = Reads.HEAD;
  private long left;
  private int empty;
  private boolean reading;

  /**
   * @param client whether a client is at the other end: each next message is waited for until
   *     {@link #resume}, and nothing is taken that servers are known to read in two ways
   * @param maxHead bytes of a first line, of the fields after it, and of trailers
   */
  public Http1Input(Http1Messages messages, ByteBufAllocator memory, boolean client, int maxHead) {
    this.messages = messages;
    this.memory = memory;
    this.client = client;
    this.lines = new Http1Lines(client, maxHead);
  }

  // === what is asked of it ===

  /** Reads what came, which is the input's now. */
  public void read(ByteBuf bytes) {
    held =
        held == null ? bytes : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(memory, held, bytes);
    if (!reading) {
      run();
    }
  }

  /** Reads the next message. */
  public void resume() {
    reads = reads == Reads.PAUSED ? Reads.HEAD : reads;
    runAgain();
  }

  /** From now on all bytes are data. */
  public void speakBytes() {
    reads = reads == Reads.NOTHING ? reads : Reads.TO_THE_END;
    runAgain();
  }

  private void runAgain() {
    if (!reading && held != null) {
      run();
      messages.dataComplete();
    }
  }

  /** The connection ended; that is how some messages do. */
  public void end() {
    boolean whole = reads == Reads.TO_THE_END;
    stop();
    if (whole) {
      messages.ended(EmptyHttpHeaders.INSTANCE);
    }
  }

  /** Nothing more is read, and nothing is kept. */
  public void stop() {
    reads = Reads.NOTHING;
    if (!reading) {
      release();
    }
  }

  /** Whether a message has begun and is not whole. */
  public boolean isMidway() {
    return reads != Reads.PAUSED && (reads != Reads.HEAD || held != null);
  }

  /** Whether bytes wait that are no part of what was read. */
  public boolean holdsMore() {
    return held != null && held.isReadable();
  }

  // === reading ===

  private void run() {
    reading = true;
    try {
      while (holdsMore() && step(held)) {
        // each step reads something
      }
    } catch (Http1Exception e) {
      reads = Reads.NOTHING;
      messages.unreadable(e);
    } finally {
      reading = false;
      if (reads == Reads.NOTHING || !holdsMore()) {
        release();
      }
    }
  }

  private void release() {
    ByteBuf rest = held;
    held = null;
    if (rest != null) {
      rest.release();
    }
  }

  private boolean step(ByteBuf in) throws Http1Exception {
    return switch (reads) {
      case HEAD -> head(in);
      case BODY, CHUNK -> data(in);
      case CHUNK_SIZE -> chunk(in);
      case CHUNK_END -> chunkEnd(in);
      case TRAILERS -> trailers(in);
      case TO_THE_END -> rest(in);
      case PAUSED, NOTHING -> false;
    };
  }

  private boolean head(ByteBuf in) throws Http1Exception {
    byte first = in.getByte(in.readerIndex());
    if (first == '\r' || first == '\n') {
      return emptyLine(in);
    }
    byte[] bytes = lines(in);
    if (bytes == null) {
      return false;
    }
    empty = 0;
    message(messages.head(bytes));
    return true;
  }

  private void message(long length) {
    left = length;
    if (length == Http1Messages.CHUNKED) {
      reads = Reads.CHUNK_SIZE;
    } else if (length == Http1Messages.TO_THE_END) {
      reads = Reads.TO_THE_END;
    } else if (length > 0) {
      reads = Reads.BODY;
    } else if (length == 0) {
      next();
    }
    // All is as it is after the head when it is told: it may be acted on at once.
    messages.begin();
    if (length == 0) {
      messages.ended(EmptyHttpHeaders.INSTANCE);
    }
  }

  private void next() {
    reads = client ? Reads.PAUSED : Reads.HEAD;
  }

  private boolean emptyLine(ByteBuf in) throws Http1Exception {
    boolean marked = in.getByte(in.readerIndex()) == '\r';
    if (marked && in.readableBytes() < 2) {
      return false;
    }
    boolean line = marked ? in.getByte(in.readerIndex() + 1) == '\n' : !client;
    if (!line || ++empty > MOST_EMPTY) {
      throw new Http1Exception("no first line");
    }
    in.skipBytes(marked ? 2 : 1);
    return true;
  }

  /** What is there up to an empty line; null while it is not. */
  private byte @Nullable [] lines(ByteBuf in) throws Http1Exception {
    int length = lines.end(in);
    if (length < 0) {
      return null;
    }
    lines.begin(false);
    byte[] bytes = new byte[length];
    in.readBytes(bytes);
    return bytes;
  }

  private boolean data(ByteBuf in) {
    ByteBuf piece = in;
    if (in.readableBytes() <= left) {
      held = null;
    } else {
      piece = in.readRetainedSlice((int) left);
    }
    left -= piece.readableBytes();
    boolean whole = left == 0 && reads == Reads.BODY;
    if (whole) {
      next();
    } else if (left == 0) {
      reads = Reads.CHUNK_END;
    }
    messages.data(piece);
    if (whole) {
      messages.ended(EmptyHttpHeaders.INSTANCE);
    }
    return true;
  }

  private boolean chunk(ByteBuf in) throws Http1Exception {
    left = ChunkSize.read(in, client);
    if (left > 0) {
      reads = Reads.CHUNK;
    } else if (left == 0) {
      reads = Reads.TRAILERS;
      lines.begin(true);
    }
    return left >= 0;
  }

  private boolean chunkEnd(ByteBuf in) throws Http1Exception {
    boolean marked = in.getByte(in.readerIndex()) == '\r';
    if (marked && in.readableBytes() < 2) {
      return false;
    }
    if (marked
        ? in.getByte(in.readerIndex() + 1) != '\n'
        : client || in.getByte(in.readerIndex()) != '\n') {
      throw new Http1Exception("a chunk longer than its size");
    }
    in.skipBytes(marked ? 2 : 1);
    reads = Reads.CHUNK_SIZE;
    return true;
  }

  private boolean trailers(ByteBuf in) throws Http1Exception {
    byte[] bytes = lines(in);
    if (bytes == null) {
      return false;
    }
    HttpHeaders trailers = EmptyHttpHeaders.INSTANCE;
    if (bytes.length > 2) {
      HttpFields fields = new HttpFields();
      new Http1FieldLines(bytes, 0, client).read(fields, MOST_TRAILERS);
      trailers = fields;
    }
    next();
    messages.ended(trailers);
    return true;
  }

  private boolean rest(ByteBuf in) {
    held = null;
    messages.data(in);
    return true;
  }
}
