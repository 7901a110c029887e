// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Builds answers (RFC 1035 4.1). */
final class DnsAnswer {
  static final int NOERROR = 0;
  static final int SERVFAIL = 2;
  static final int REFUSED = 5;

  private static final int QR_AA_RA = 0x8480;
  private static final int QR_RA = 0x8080;
  private static final int OPCODE_AND_RD = 0x7900;
  private static final int TTL_SECONDS = 30;

  /** What every resolver takes without EDNS. */
  private static final int MAX_BYTES = 512;

  /** RFC 1035 4.1.4: a name that stands earlier in the message, by its offset. */
  private static final int POINTER = 0xc000;

  private static final int ANSWER_COUNT = 6;
  private static final int TYPE_CNAME = 5;
  private static final int CLASS_IN = 1;

  private DnsAnswer() {}

  /**
   * The addresses of the asked family, or none with NOERROR; a short name is an alias (CNAME) of
   * the full one. Addresses beyond 512 bytes are left out and not announced as truncated: over TCP
   * nobody would know the name, and each is as good.
   */
  static ByteBuf addresses(
      ByteBufAllocator alloc, DnsQuery query, String hostname, List<InetAddress> addresses) {
    ByteBuf out = head(alloc, query, QR_AA_RA | NOERROR);
    int owner = POINTER | DnsQuery.HEADER;
    int records = 0;
    if (!hostname.equals(query.name())) {
      owner = writeAlias(out, hostname);
      records++;
    }
    int size = query.type() == DnsQuery.TYPE_A ? 16 : 28;
    int room = Math.max(0, MAX_BYTES - out.readableBytes()) / size;
    for (InetAddress address : addresses.subList(0, Math.min(room, addresses.size()))) {
      byte[] bytes = address.getAddress();
      begin(out, owner, query.type()).writeShort(bytes.length).writeBytes(bytes);
      records++;
    }
    return out.setShort(ANSWER_COUNT, records);
  }

  /** A CNAME record; returns the pointer to the full name in it. */
  private static int writeAlias(ByteBuf out, String hostname) {
    begin(out, POINTER | DnsQuery.HEADER, TYPE_CNAME);
    out.writeShort(hostname.length() + 2);
    int at = out.writerIndex();
    for (String label : hostname.split("\\.", -1)) {
      out.writeByte(label.length()).writeCharSequence(label, StandardCharsets.US_ASCII);
    }
    out.writeByte(0);
    return POINTER | at;
  }

  private static ByteBuf begin(ByteBuf out, int owner, int type) {
    return out.writeShort(owner).writeShort(type).writeShort(CLASS_IN).writeInt(TTL_SECONDS);
  }

  /** An answer that says only {@code code}. */
  static ByteBuf error(ByteBufAllocator alloc, DnsQuery query, int code) {
    return head(alloc, query, QR_RA | code);
  }

  private static ByteBuf head(ByteBufAllocator alloc, DnsQuery query, int flags) {
    return alloc
        .buffer(MAX_BYTES)
        .writeShort(query.id())
        .writeShort(flags | (query.flags() & OPCODE_AND_RD))
        .writeShort(1)
        .writeShort(0)
        .writeInt(0)
        .writeBytes(query.question());
  }
}
