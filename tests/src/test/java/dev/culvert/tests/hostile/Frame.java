// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.hostile;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

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

  /** Parameters of SETTINGS (RFC 9113 6.5.2, RFC 8441 3, RFC 9218 2.1). */
  public static final int ENABLE_PUSH = 2;

  public static final int MAX_CONCURRENT_STREAMS = 3;
  public static final int INITIAL_WINDOW_SIZE = 4;
  public static final int MAX_FRAME_SIZE = 5;
  public static final int MAX_HEADER_LIST_SIZE = 6;
  public static final int ENABLE_CONNECT_PROTOCOL = 8;
  public static final int NO_RFC7540_PRIORITIES = 9;

  public static final int ACK = 1;
  public static final int END_STREAM = 1;
  public static final int END_HEADERS = 4;

  private static final int HEADER = 9;
  private static final int SETTING = 6;

  /** SETTINGS of parameters, each followed by its value. */
  public static Frame settings(int... parametersAndValues) {
    ByteBuffer payload = ByteBuffer.allocate(parametersAndValues.length / 2 * SETTING);
    for (int i = 0; i < parametersAndValues.length; i += 2) {
      payload.putShort((short) parametersAndValues[i]).putInt(parametersAndValues[i + 1]);
    }
    return new Frame(SETTINGS, 0, 0, payload.array());
  }

  /** RST_STREAM with an error code (RFC 9113 7). */
  public static Frame reset(int stream, int errorCode) {
    return new Frame(RST_STREAM, 0, stream, ByteBuffer.allocate(4).putInt(errorCode).array());
  }

  /** GOAWAY without an error. */
  public static Frame goAway(int lastStream) {
    return new Frame(GOAWAY, 0, 0, ByteBuffer.allocate(8).putInt(lastStream).putInt(0).array());
  }

  /** The parameters of SETTINGS. */
  Map<Integer, Integer> parameters() {
    Map<Integer, Integer> parameters = new HashMap<>();
    for (ByteBuffer left = ByteBuffer.wrap(payload); left.remaining() >= SETTING; ) {
      parameters.put(Short.toUnsignedInt(left.getShort()), left.getInt());
    }
    return parameters;
  }

  /** By how much WINDOW_UPDATE opens a window. */
  int increment() {
    return ByteBuffer.wrap(payload).getInt();
  }

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
