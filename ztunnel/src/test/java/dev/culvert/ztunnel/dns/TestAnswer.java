// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.dns.DefaultDnsRecordDecoder;
import io.netty.handler.codec.dns.DnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordDecoder;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/** An answer as Netty's codec reads it, which shares no code with ours. */
final class TestAnswer {
  final int bytes;
  final int id;
  final int flags;
  final String question;
  final List<String> addresses = new ArrayList<>();
  final List<Long> ttls = new ArrayList<>();
  final List<String> aliases = new ArrayList<>();
  final List<String> owners = new ArrayList<>();
  final int answers;
  final int authorities;
  int optSize = -1;
  int extendedCode;
  boolean dnssecOk;
  byte[] options = {};

  TestAnswer(byte[] packet) throws Exception {
    ByteBuf in = Unpooled.wrappedBuffer(packet);
    bytes = packet.length;
    id = in.readUnsignedShort();
    flags = in.readUnsignedShort();
    assertThat(flags & 0x8080).isEqualTo(0x8080);
    int questions = in.readUnsignedShort();
    answers = in.readUnsignedShort();
    authorities = in.readUnsignedShort();
    int additionals = in.readUnsignedShort();
    assertThat(questions).isLessThanOrEqualTo(1);
    question = questions == 0 ? "" : DefaultDnsRecordDecoder.decodeName(in);
    in.skipBytes(4 * questions);
    for (int i = 0; i < answers + authorities + additionals; i++) {
      DnsRecord record = DnsRecordDecoder.DEFAULT.decodeRecord(in);
      read(record, i < answers);
      ReferenceCountUtil.release(record);
    }
    assertThat(in.isReadable()).isFalse();
  }

  private void read(DnsRecord record, boolean isAnswer) throws Exception {
    DnsRawRecord raw = (DnsRawRecord) record;
    if (record.type().equals(DnsRecordType.OPT)) {
      optSize = record.dnsClass();
      extendedCode = (int) (record.timeToLive() >>> 24);
      dnssecOk = (record.timeToLive() & 0x8000) != 0;
      options = ByteBufUtil.getBytes(raw.content());
      return;
    }
    ttls.add(record.timeToLive());
    if (!isAnswer) {
      return;
    }
    owners.add(record.name());
    if (record.type().equals(DnsRecordType.CNAME)) {
      aliases.add(DefaultDnsRecordDecoder.decodeName(raw.content()));
    } else if (record.type().intValue() != TestQuery.TXT) {
      addresses.add(InetAddress.getByAddress(ByteBufUtil.getBytes(raw.content())).getHostAddress());
    }
  }

  int code() {
    return flags & 0xf;
  }

  boolean isAuthoritative() {
    return (flags & 0x0400) != 0;
  }

  boolean isTruncated() {
    return (flags & 0x0200) != 0;
  }
}
