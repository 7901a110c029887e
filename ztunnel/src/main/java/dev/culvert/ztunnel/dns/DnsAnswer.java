// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.net.InetAddress;
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

  private static final int POINTER_TO_QUESTION = 0xc000 | DnsQuery.HEADER;

  private DnsAnswer() {}

  /**
   * The addresses of the asked family, or none with NOERROR. Those beyond 512 bytes are left out
   * and not announced as truncated: over TCP nobody would know the name, and each is as good.
   */
  static ByteBuf addresses(ByteBufAllocator alloc, DnsQuery query, List<InetAddress> addresses) {
    int record = query.type() == DnsQuery.TYPE_A ? 16 : 28;
    int room = (MAX_BYTES - DnsQuery.HEADER - query.question().length) / record;
    List<InetAddress> fitting = addresses.subList(0, Math.min(room, addresses.size()));
    ByteBuf out = head(alloc, query, QR_AA_RA | NOERROR, fitting.size());
    for (InetAddress address : fitting) {
      byte[] bytes = address.getAddress();
      out.writeShort(POINTER_TO_QUESTION).writeShort(query.type()).writeShort(query.dnsClass());
      out.writeInt(TTL_SECONDS).writeShort(bytes.length).writeBytes(bytes);
    }
    return out;
  }

  /** An answer that says only {@code code}. */
  static ByteBuf error(ByteBufAllocator alloc, DnsQuery query, int code) {
    return head(alloc, query, QR_RA | code, 0);
  }

  private static ByteBuf head(ByteBufAllocator alloc, DnsQuery query, int flags, int answers) {
    return alloc
        .buffer(MAX_BYTES)
        .writeShort(query.id())
        .writeShort(flags | (query.flags() & OPCODE_AND_RD))
        .writeShort(1)
        .writeShort(answers)
        .writeInt(0)
        .writeBytes(query.question());
  }
}
