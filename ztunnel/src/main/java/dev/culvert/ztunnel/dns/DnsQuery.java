// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import io.netty.handler.codec.dns.DnsRecordType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A query as a pod sent it. */
final class DnsQuery {
  static final int TYPE_A = DnsRecordType.A.intValue();
  static final int TYPE_AAAA = DnsRecordType.AAAA.intValue();

  /** What every client takes without EDNS (RFC 1035 4.2.1). */
  static final int LEAST_LIMIT = 512;

  /** No larger datagram is sent, whatever a client says it takes. */
  static final int MOST_LIMIT = 4096;

  private final DnsMessage message;
  private final Optional<Edns> edns;
  private final boolean plain;

  private DnsQuery(DnsMessage message, Optional<Edns> edns, boolean plain) {
    this.message = message;
    this.edns = edns;
    this.plain = plain;
  }

  /**
   * Reads a packet.
   *
   * @param packet kept, not copied
   * @return empty when it is no query with one question, well formed to its end
   */
  static Optional<DnsQuery> read(byte[] packet) {
    return DnsMessage.read(packet)
        .filter(message -> (message.flags() & DnsMessage.QR) == 0)
        .flatMap(DnsQuery::of);
  }

  /** RFC 6891 6.1.1: one OPT record at most, and the root owns it. */
  private static Optional<DnsQuery> of(DnsMessage message) {
    List<DnsMessage.Entry> opts =
        message.records().stream().filter(record -> record.type() == Edns.TYPE).toList();
    if (opts.size() > 1 || opts.stream().anyMatch(opt -> !message.isOfRoot(opt))) {
      return Optional.empty();
    }
    Optional<Edns> edns = opts.stream().map(opt -> Edns.of(message, opt)).findFirst();
    boolean plain =
        (message.flags() & DnsMessage.OPCODE) == 0 && message.records().size() == opts.size();
    return Optional.of(new DnsQuery(message, edns, plain));
  }

  /** A standard query with no records but OPT; others mean more than their question. */
  boolean isPlain() {
    return plain;
  }

  /** Whether the mesh may answer it. */
  boolean asksForAddress() {
    return plain
        && message.dnsClass() == DnsMessage.CLASS_IN
        && (type() == TYPE_A || type() == TYPE_AAAA);
  }

  int id() {
    return message.id();
  }

  int flags() {
    return message.flags();
  }

  String name() {
    return message.name();
  }

  int type() {
    return message.type();
  }

  Optional<Edns> edns() {
    return edns;
  }

  boolean dnssecOk() {
    return edns.isPresent() && edns.get().dnssecOk();
  }

  byte[] packet() {
    return message.bytes();
  }

  /** Bytes of the question section. */
  int questionBytes() {
    return message.questionEnd() - DnsMessage.HEADER;
  }

  /** Puts the question, as it was asked, to where it belongs in any message. */
  void copyQuestion(byte[] to) {
    System.arraycopy(packet(), DnsMessage.HEADER, to, DnsMessage.HEADER, questionBytes());
  }

  /** The largest datagram that the client takes. */
  int datagramLimit() {
    return edns.map(Edns::size)
        .map(size -> Math.clamp(size, LEAST_LIMIT, MOST_LIMIT))
        .orElse(LEAST_LIMIT);
  }

  /** Whether it has EDNS options that go on, and may change the answer. */
  boolean hasForwardedOptions() {
    return edns.isPresent() && edns.get().forwarded().options().length > 0;
  }

  /** The question with its name in lower case, as text to compare by. */
  String question() {
    byte[] question = Arrays.copyOfRange(packet(), DnsMessage.HEADER, message.questionEnd());
    for (int i = 0; i < question.length - 4; i++) {
      if (question[i] >= 'A' && question[i] <= 'Z') {
        question[i] = (byte) (question[i] + 'a' - 'A');
      }
    }
    return new String(question, StandardCharsets.ISO_8859_1);
  }

  /** What a resolver is sent: the same question, with our OPT if the pod sent one. */
  byte[] upstream(int id) {
    byte[] packet = plain ? rebuilt() : packet().clone();
    DnsMessage.put16(packet, DnsMessage.ID, id);
    return packet;
  }

  private byte[] rebuilt() {
    byte[] opt = edns.map(own -> own.forwarded().withExtendedCode(0).record()).orElse(new byte[0]);
    return ByteBuffer.allocate(message.questionEnd() + opt.length)
        .putShort((short) 0)
        .putShort((short) (flags() & (DnsMessage.RD | DnsMessage.AD | DnsMessage.CD)))
        .putShort((short) 1)
        .putInt(0)
        .putShort((short) (opt.length == 0 ? 0 : 1))
        .put(packet(), DnsMessage.HEADER, questionBytes())
        .put(opt)
        .array();
  }
}
