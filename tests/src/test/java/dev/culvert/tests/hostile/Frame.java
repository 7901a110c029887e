// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.hostile;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;

/** One HTTP/2 frame as it is on the wire (RFC 9113 4.1). */
@SuppressWarnings("ArrayRecordComponent") // the bytes of the wire; frames are not compared
public record Frame(int type, int flags, int stream, byte[] payload) {
  public static final int DATA = 0;
  public static final int HEADERS = 1;
  public static final int PRIORITY = 2;
  public static final int RST_STREAM = 3;
  public static final int SETTINGS = 4;
  public static final int PING = 6;
  public static final int GOAWAY = 7;
  public static final int WINDOW_UPDATE = 8;
  public static final int CONTINUATION = 9;

  public static final int ACK = 1;
  public static final int END_STREAM = 1;
  public static final int END_HEADERS = 4;

  private static final int HEADER = 9;

  static Frame read(DataInputStream in) throws IOException {
    int lengthAndType = in.readInt();
    int flags = in.readUnsignedByte();
    int stream = in.readInt() & Integer.MAX_VALUE;
    byte[] payload = new byte[lengthAndType >>> 8];
    in.readFully(payload);
    return new Frame(lengthAndType & 0xff, flags, stream, payload);
  }

  /** As it goes over the wire; a length beyond 24 bits is cut. */
  public byte[] bytes() {
    return ByteBuffer.allocate(HEADER + payload.length)
        .putInt(payload.length << 8 | type)
        .put((byte) flags)
        .putInt(stream)
        .put(payload)
        .array();
  }

  /** The same, so many times. */
  public byte[] times(int count) {
    byte[] once = bytes();
    ByteBuffer all = ByteBuffer.allocate(count * once.length);
    while (all.hasRemaining()) {
      all.put(once);
    }
    return all.array();
  }

  boolean has(int flag) {
    return (flags & flag) != 0;
  }

  /** The error code of RST_STREAM and GOAWAY (RFC 9113 7). */
  int errorCode() {
    return ByteBuffer.wrap(payload).getInt(type == GOAWAY ? 4 : 0);
  }
}
