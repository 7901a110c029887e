// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.stream;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Locale;
import java.util.Optional;

/**
 * The first message of a TLS handshake as it arrives (RFC 8446, section 4.1.2), until it is known
 * for whom it asks. On one event loop.
 */
final class ClientHello implements AutoCloseable {
  private static final int RECORD_HEADER = 5;
  private static final int MESSAGE_HEADER = 4;
  private static final int HANDSHAKE = 22;
  private static final int CLIENT_HELLO = 1;
  private static final int MOST_RECORD = 1 << 14;

  /** Larger than any that is sent, with keys of every group; the rest is not gathered. */
  private static final int MOST_MESSAGE = 1 << 16;

  private static final int VERSION_AND_RANDOM = 34;
  private static final int SERVER_NAME = 0;
  private static final int HOST_NAME = 0;

  private final ByteBuf records;
  private final ByteBuf message;

  ClientHello(ByteBufAllocator allocator) {
    this.records = allocator.heapBuffer();
    this.message = allocator.heapBuffer();
  }

  /** What is known now. */
  sealed interface Seen {
    /** More must come. */
    record Part() implements Seen {}

    /** All of it came; it may ask for nobody. */
    record Whole(Optional<String> serverName) implements Seen {}

    /** It is something else. */
    record Other(String problem) implements Seen {}
  }

  /** Takes what came next, which stays with the caller. */
  Seen add(ByteBuf data) {
    records.writeBytes(data, data.readerIndex(), data.readableBytes());
    try {
      while (records.readableBytes() >= RECORD_HEADER) {
        int start = records.readerIndex();
        int length = records.getUnsignedShort(start + 3);
        if (records.getUnsignedByte(start) != HANDSHAKE || length == 0 || length > MOST_RECORD) {
          return new Seen.Other("it does not begin with a TLS handshake");
        }
        if (records.readableBytes() < RECORD_HEADER + length) {
          break;
        }
        records.skipBytes(RECORD_HEADER);
        message.writeBytes(records, length);
        records.discardReadBytes();
        Seen seen = look();
        if (!(seen instanceof Seen.Part)) {
          return seen;
        }
      }
      return new Seen.Part();
    } catch (IndexOutOfBoundsException e) {
      return new Seen.Other("its ClientHello cannot be read");
    }
  }

  private Seen look() {
    if (message.readableBytes() < MESSAGE_HEADER) {
      return new Seen.Part();
    }
    int length = message.getUnsignedMedium(1);
    if (message.getUnsignedByte(0) != CLIENT_HELLO || length > MOST_MESSAGE) {
      return new Seen.Other("its TLS handshake does not begin with a ClientHello");
    }
    return message.readableBytes() < MESSAGE_HEADER + length
        ? new Seen.Part()
        : new Seen.Whole(serverName(message.slice(MESSAGE_HEADER, length)));
  }

  private static Optional<String> serverName(ByteBuf hello) {
    hello.skipBytes(VERSION_AND_RANDOM);
    hello.skipBytes(hello.readUnsignedByte());
    hello.skipBytes(hello.readUnsignedShort());
    hello.skipBytes(hello.readUnsignedByte());
    if (!hello.isReadable()) {
      return Optional.empty();
    }
    ByteBuf extensions = hello.readSlice(hello.readUnsignedShort());
    while (extensions.isReadable()) {
      int type = extensions.readUnsignedShort();
      ByteBuf content = extensions.readSlice(extensions.readUnsignedShort());
      if (type == SERVER_NAME) {
        return hostName(content);
      }
    }
    return Optional.empty();
  }

  /** RFC 6066, section 3. */
  private static Optional<String> hostName(ByteBuf extension) {
    ByteBuf names = extension.readSlice(extension.readUnsignedShort());
    while (names.isReadable()) {
      int type = names.readUnsignedByte();
      ByteBuf name = names.readSlice(names.readUnsignedShort());
      if (type == HOST_NAME) {
        return Optional.of(name.toString(US_ASCII).toLowerCase(Locale.ROOT));
      }
    }
    return Optional.empty();
  }

  @Override
  public void close() {
    records.release();
    message.release();
  }
}
