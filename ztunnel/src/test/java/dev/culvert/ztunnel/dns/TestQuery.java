// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/** Queries as pods send them. */
final class TestQuery {
  static final int A = 1;
  static final int CNAME = 5;
  static final int SOA = 6;
  static final int TXT = 16;
  static final int AAAA = 28;
  static final int ID = 0x4242;
  static final byte[] NO_OPTIONS = {};

  private TestQuery() {}

  static byte[] of(String name, int type) {
    return of(ID, name, type);
  }

  static byte[] of(int id, String name, int type) {
    return bytes(question(id, 0x0100, name, type));
  }

  static byte[] withEdns(String name, int type, int size, boolean dnssecOk) {
    return withEdns(name, type, size, 0, dnssecOk, NO_OPTIONS);
  }

  static byte[] withEdns(
      String name, int type, int size, int version, boolean dnssecOk, byte[] options) {
    ByteBuf out = question(ID, 0x0100, name, type).setShort(10, 1);
    out.writeByte(0).writeShort(41).writeShort(size).writeByte(0).writeByte(version);
    out.writeShort(dnssecOk ? 0x8000 : 0).writeShort(options.length).writeBytes(options);
    return bytes(out);
  }

  static byte[] withFlags(int flags, String name, int type) {
    return bytes(question(ID, flags, name, type));
  }

  static DnsQuery read(byte[] packet) {
    return DnsQuery.read(packet).orElseThrow();
  }

  private static ByteBuf question(int id, int flags, String name, int type) {
    ByteBuf out = Unpooled.buffer().writeShort(id).writeShort(flags).writeShort(1).writeZero(6);
    writeName(out, name);
    return out.writeShort(type).writeShort(1);
  }

  static void writeName(ByteBuf out, String name) {
    for (String label : name.split("\\.", -1)) {
      out.writeByte(label.length()).writeCharSequence(label, StandardCharsets.ISO_8859_1);
    }
    out.writeByte(0);
  }

  static byte[] bytes(ByteBuf buffer) {
    return ByteBufUtil.getBytes(buffer);
  }
}
