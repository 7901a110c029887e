// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.dns.DefaultDnsRecordDecoder;
import java.util.Locale;
import java.util.Optional;

/**
 * The part of a query (RFC 1035 4.1) that decides who answers it.
 *
 * @param flags as received, of which the opcode and RD go into an answer
 * @param name lower case, without the last dot
 * @param question the question section as received, to be repeated in the answer
 */
@SuppressWarnings("ArrayRecordComponent") // bytes of the wire; queries are not compared
record DnsQuery(int id, int flags, String name, int type, int dnsClass, byte[] question) {
  static final int HEADER = 12;
  static final int TYPE_A = 1;
  static final int TYPE_AAAA = 28;

  private static final int QR = 0x8000;
  private static final int OPCODE = 0x7800;
  private static final int CLASS_IN = 1;
  private static final int MAX_NAME = 254;

  /** Reads a datagram; empty when it is no query with exactly one question. */
  static Optional<DnsQuery> read(ByteBuf packet) {
    int start = packet.readerIndex();
    if (packet.readableBytes() < HEADER) {
      return Optional.empty();
    }
    int flags = packet.getUnsignedShort(start + 2);
    if ((flags & QR) != 0 || packet.getUnsignedShort(start + 4) != 1) {
      return Optional.empty();
    }
    try {
      return Optional.of(read(packet.slice(), packet.getUnsignedShort(start), flags));
    } catch (CorruptedFrameException | IndexOutOfBoundsException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Whether the mesh may answer it: a plain query for an address. */
  boolean asksForAddress() {
    return (flags & OPCODE) == 0 && dnsClass == CLASS_IN && (type == TYPE_A || type == TYPE_AAAA);
  }

  private static DnsQuery read(ByteBuf message, int id, int flags) {
    message.readerIndex(HEADER);
    String name = DefaultDnsRecordDecoder.decodeName(message);
    int type = message.readUnsignedShort();
    int dnsClass = message.readUnsignedShort();
    if (name.length() > MAX_NAME) {
      throw new CorruptedFrameException("name too long");
    }
    byte[] question = ByteBufUtil.getBytes(message, HEADER, message.readerIndex() - HEADER);
    return new DnsQuery(id, flags, withoutDot(name), type, dnsClass, question);
  }

  private static String withoutDot(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
  }
}
