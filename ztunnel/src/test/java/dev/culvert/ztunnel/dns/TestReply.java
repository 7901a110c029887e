// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** Builds what a resolver answers to a query that reached it. */
final class TestReply {
  private static final int QR_RA = 0x8080;
  private static final int OWNER = 0xc00c;
  private static final int CLASS_IN = 1;

  private final ByteBuf out;

  private TestReply(ByteBuf out) {
    this.out = out;
  }

  /** With the query's id and question, and without its OPT. */
  static TestReply to(byte[] query) {
    int end = DnsMessage.read(query).orElseThrow().questionEnd();
    ByteBuf out = Unpooled.buffer().writeBytes(query, 0, end);
    out.setShort(2, out.getUnsignedShort(2) | QR_RA).setShort(6, 0).setInt(8, 0);
    return new TestReply(out);
  }

  TestReply code(int code) {
    out.setShort(2, out.getUnsignedShort(2) | code);
    return this;
  }

  TestReply flags(int flags) {
    return code(flags);
  }

  TestReply address(int ttl, String address) {
    byte[] bytes = java.net.InetAddress.ofLiteral(address).getAddress();
    return record(6, bytes.length == 4 ? TestQuery.A : TestQuery.AAAA, ttl, bytes);
  }

  TestReply alias(int ttl, String name) {
    ByteBuf data = Unpooled.buffer();
    TestQuery.writeName(data, name);
    return record(6, TestQuery.CNAME, ttl, TestQuery.bytes(data));
  }

  TestReply text(int ttl, int length) {
    return record(6, TestQuery.TXT, ttl, new byte[length]);
  }

  TestReply additional(String address) {
    return record(10, TestQuery.A, 60, java.net.InetAddress.ofLiteral(address).getAddress());
  }

  TestReply soa(int ttl, int minimum) {
    ByteBuf data = Unpooled.buffer().writeShort(0).writeZero(16).writeInt(minimum);
    return record(8, TestQuery.SOA, ttl, TestQuery.bytes(data));
  }

  TestReply opt(int size, int extendedCode, byte... options) {
    out.writeByte(0).writeShort(41).writeShort(size).writeByte(extendedCode).writeByte(0);
    out.writeShort(0).writeShort(options.length).writeBytes(options);
    return counted(10);
  }

  private TestReply record(int count, int type, int ttl, byte[] data) {
    out.writeShort(OWNER).writeShort(type).writeShort(CLASS_IN).writeInt(ttl);
    out.writeShort(data.length).writeBytes(data);
    return counted(count);
  }

  private TestReply counted(int count) {
    out.setShort(count, out.getUnsignedShort(count) + 1);
    return this;
  }

  byte[] bytes() {
    return TestQuery.bytes(out);
  }
}
