// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.identity;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The types of the extensions in a ClientHello (RFC 8446 4.1.2), as it goes over the wire. */
final class HelloExtensions {
  static final int SERVER_NAME = 0;
  static final int ALPN = 16;
  static final int PRE_SHARED_KEY = 41;

  private static final int RECORD_HEADER = 5;
  private static final int MESSAGE_HEADER = 4;
  private static final int VERSION_AND_RANDOM = 34;

  private HelloExtensions() {}

  static List<Integer> of(byte[] record) {
    ByteBuffer hello = ByteBuffer.wrap(record);
    hello.position(RECORD_HEADER + MESSAGE_HEADER + VERSION_AND_RANDOM);
    skip(hello, Byte.toUnsignedInt(hello.get()));
    skip(hello, Short.toUnsignedInt(hello.getShort()));
    skip(hello, Byte.toUnsignedInt(hello.get()));
    int end = Short.toUnsignedInt(hello.getShort()) + hello.position();
    List<Integer> types = new ArrayList<>();
    while (hello.position() < end) {
      types.add(Short.toUnsignedInt(hello.getShort()));
      skip(hello, Short.toUnsignedInt(hello.getShort()));
    }
    return types;
  }

  private static void skip(ByteBuffer bytes, int count) {
    bytes.position(bytes.position() + count);
  }
}
