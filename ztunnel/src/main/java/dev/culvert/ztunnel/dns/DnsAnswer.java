// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import dev.culvert.ztunnel.dns.DnsMessage.Section;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Builds answers (RFC 1035 4.1) of the mesh itself. */
final class DnsAnswer {
  static final int NOERROR = DnsResponseCode.NOERROR.intValue();
  static final int FORMERR = DnsResponseCode.FORMERR.intValue();
  static final int SERVFAIL = DnsResponseCode.SERVFAIL.intValue();
  static final int NOTIMP = DnsResponseCode.NOTIMP.intValue();
  static final int REFUSED = DnsResponseCode.REFUSED.intValue();
  static final int BADVERS = DnsResponseCode.BADVERS_OR_BADSIG.intValue();

  private static final int ECHOED = DnsMessage.OPCODE | DnsMessage.RD | DnsMessage.CD;
  private static final int TTL_SECONDS = 30;

  /** RFC 1035 4.1.4: a name that stands earlier in the message, by its offset. */
  private static final int POINTER = 0xc000;

  private static final int FIXED_BYTES = 12;

  private DnsAnswer() {}

  /**
   * The addresses of the asked family, or none with NOERROR.
   *
   * @param hostname the full name; where another was asked for, that is an alias (CNAME) of it
   * @param limit the most bytes; addresses beyond are left out and announced (TC)
   */
  static byte[] addresses(DnsQuery query, String hostname, List<InetAddress> addresses, int limit) {
    byte[] opt = query.edns().map(own -> Edns.ours(own.dnssecOk()).record()).orElse(new byte[0]);
    int fixed = DnsMessage.HEADER + query.questionBytes() + opt.length;
    int aliasBytes = hostname.equals(query.name()) ? 0 : FIXED_BYTES + hostname.length() + 2;
    if (fixed + aliasBytes > limit) {
      return head(query, DnsMessage.TC, opt);
    }
    boolean alias = aliasBytes > 0;
    int each = FIXED_BYTES + (query.type() == DnsQuery.TYPE_A ? 4 : 16);
    int room = (limit - fixed - aliasBytes) / each;
    List<InetAddress> told = addresses.subList(0, Math.min(room, addresses.size()));
    ByteBuffer out = ByteBuffer.allocate(fixed + aliasBytes + told.size() * each);
    int truncated = told.size() < addresses.size() ? DnsMessage.TC : 0;
    head(out, query, DnsMessage.AA | truncated);
    int owner = POINTER | DnsMessage.HEADER;
    if (alias) {
      owner = writeAlias(out, hostname);
    }
    for (InetAddress address : told) {
      byte[] bytes = address.getAddress();
      begin(out, owner, query.type()).putShort((short) bytes.length).put(bytes);
    }
    out.putShort(Section.ANSWER.count(), (short) (told.size() + (alias ? 1 : 0)));
    out.putShort(Section.ADDITIONAL.count(), (short) (opt.length == 0 ? 0 : 1));
    return out.put(opt).array();
  }

  /** A CNAME record; returns the pointer to the full name in it. */
  private static int writeAlias(ByteBuffer out, String hostname) {
    begin(out, POINTER | DnsMessage.HEADER, DnsRecordType.CNAME.intValue());
    out.putShort((short) (hostname.length() + 2));
    int at = out.position();
    for (String label : hostname.split("\\.", -1)) {
      out.put((byte) label.length()).put(label.getBytes(StandardCharsets.ISO_8859_1));
    }
    out.put((byte) 0);
    return POINTER | at;
  }

  private static ByteBuffer begin(ByteBuffer out, int owner, int type) {
    return out.putShort((short) owner)
        .putShort((short) type)
        .putShort((short) DnsMessage.CLASS_IN)
        .putInt(TTL_SECONDS);
  }

  /**
   * An answer that says only {@code code}, which may be an extended one (RFC 6891 6.1.3) where the
   * query has EDNS.
   */
  static byte[] error(DnsQuery query, int code) {
    byte[] opt =
        query
            .edns()
            .map(own -> Edns.ours(own.dnssecOk()).withExtendedCode(code >> 4).record())
            .orElse(new byte[0]);
    return head(query, code & DnsMessage.RCODE, opt);
  }

  private static byte[] head(DnsQuery query, int flags, byte[] opt) {
    ByteBuffer out = ByteBuffer.allocate(DnsMessage.HEADER + query.questionBytes() + opt.length);
    head(out, query, flags);
    out.putShort(Section.ADDITIONAL.count(), (short) (opt.length == 0 ? 0 : 1));
    return out.put(opt).array();
  }

  private static void head(ByteBuffer out, DnsQuery query, int flags) {
    out.putShort((short) query.id())
        .putShort((short) (flags | DnsMessage.QR | DnsMessage.RA | (query.flags() & ECHOED)))
        .putShort((short) 1)
        .putShort((short) 0)
        .putInt(0)
        .put(query.packet(), DnsMessage.HEADER, query.questionBytes());
  }

  /** The answer to a packet that cannot be read; none to what is an answer itself. */
  static Optional<byte[]> formatError(byte[] packet) {
    if (packet.length < DnsMessage.HEADER
        || (DnsMessage.u16(packet, DnsMessage.FLAGS) & DnsMessage.QR) != 0) {
      return Optional.empty();
    }
    byte[] header = Arrays.copyOf(packet, DnsMessage.HEADER);
    int flags = DnsMessage.u16(packet, DnsMessage.FLAGS) & ECHOED;
    DnsMessage.put16(header, DnsMessage.FLAGS, flags | DnsMessage.QR | DnsMessage.RA | FORMERR);
    Arrays.fill(header, DnsMessage.QUESTIONS, DnsMessage.HEADER, (byte) 0);
    return Optional.of(header);
  }
}
