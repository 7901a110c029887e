// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import dev.culvert.ztunnel.dns.DnsMessage.Section;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What a resolver answered, made into the answer for a pod's query: its own id and question, our
 * OPT if it had one, and no more bytes than it takes.
 */
final class ResolverAnswer {
  private final DnsMessage message;
  private final Optional<Edns> edns;

  private ResolverAnswer(DnsMessage message, Optional<Edns> edns) {
    this.message = message;
    this.edns = edns;
  }

  /** Empty when the bytes are no answer to this query. */
  static Optional<ResolverAnswer> read(byte[] bytes, DnsQuery query, int id) {
    return DnsMessage.read(bytes)
        .filter(message -> message.id() == id && isAnswerTo(query, message))
        .map(ResolverAnswer::of);
  }

  static ResolverAnswer of(DnsMessage message) {
    Optional<Edns> edns =
        message.records().stream()
            .filter(ResolverAnswer::isOpt)
            .findFirst()
            .map(opt -> Edns.of(message, opt));
    return new ResolverAnswer(message, edns);
  }

  /** Byte for byte: a resolver repeats the question as it was asked. */
  private static boolean isAnswerTo(DnsQuery query, DnsMessage message) {
    int end = DnsMessage.HEADER + query.questionBytes();
    return (message.flags() & DnsMessage.QR) != 0
        && ((message.flags() ^ query.flags()) & DnsMessage.OPCODE) == 0
        && message.questionEnd() == end
        && Arrays.equals(
            message.bytes(), DnsMessage.HEADER, end, query.packet(), DnsMessage.HEADER, end);
  }

  DnsMessage message() {
    return message;
  }

  Optional<Edns> edns() {
    return edns;
  }

  boolean isTruncated() {
    return (message.flags() & DnsMessage.TC) != 0;
  }

  /** Whether another resolver may know better. */
  boolean isRefusal() {
    int code = message.rcode();
    return code == DnsAnswer.SERVFAIL
        || code == DnsAnswer.NOTIMP
        || code == DnsAnswer.REFUSED
        || code == DnsAnswer.FORMERR;
  }

  /** The answer for the pod; to what is more than a question it goes as it is. */
  byte[] to(DnsQuery query, int limit) {
    if (!query.isPlain()) {
      byte[] answer = message.bytes().clone();
      DnsMessage.put16(answer, DnsMessage.ID, query.id());
      return answer;
    }
    return to(query, limit, message.bytes(), message.flags());
  }

  /**
   * The answer for the pod.
   *
   * @param bytes those of the message, or a changed copy
   * @param flags the message's, or others
   */
  byte[] to(DnsQuery query, int limit, byte[] bytes, int flags) {
    byte[] opt = query.edns().map(this::ours).orElse(new byte[0]);
    List<DnsMessage.Entry> kept = upTo(limit - opt.length);
    int end = kept.isEmpty() ? message.questionEnd() : kept.getLast().end();
    byte[] answer = Arrays.copyOf(bytes, end + opt.length);
    System.arraycopy(opt, 0, answer, end, opt.length);
    DnsMessage.put16(answer, DnsMessage.ID, query.id());
    DnsMessage.put16(answer, DnsMessage.FLAGS, flags | (isLess(kept) ? DnsMessage.TC : 0));
    for (Section section : Section.values()) {
      long records = kept.stream().filter(record -> record.section() == section).count();
      boolean withOpt = section == Section.ADDITIONAL && opt.length > 0;
      DnsMessage.put16(answer, section.count(), (int) records + (withOpt ? 1 : 0));
    }
    query.copyQuestion(answer);
    return answer;
  }

  /** The records before one that ends beyond the limit, or the OPT: a signature may follow it. */
  private List<DnsMessage.Entry> upTo(int limit) {
    return message.records().stream()
        .takeWhile(record -> record.end() <= limit && !isOpt(record))
        .toList();
  }

  /** RFC 2181 9: what is only additional may be missing. */
  private boolean isLess(List<DnsMessage.Entry> kept) {
    return kept.size() < message.records().size()
        && message.records().get(kept.size()).section() != Section.ADDITIONAL;
  }

  private byte[] ours(Edns asked) {
    Edns own = edns.map(Edns::forwarded).orElseGet(() -> Edns.ours(asked.dnssecOk()));
    return new Edns(own.size(), own.extendedCode(), 0, asked.dnssecOk(), own.options()).record();
  }

  private static boolean isOpt(DnsMessage.Entry record) {
    return record.section() == Section.ADDITIONAL && record.type() == Edns.TYPE;
  }
}
