// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import dev.culvert.ztunnel.dns.DnsMessage.Entry;
import dev.culvert.ztunnel.dns.DnsMessage.Section;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.net.InetSocketAddress;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * What resolvers answered one pod, for as long as they allow (RFC 1035 7.4, negative answers by RFC
 * 2308). The longest unused goes first when it grows too large. On one thread.
 */
final class AnswerCache {
  /** However long a resolver allows; a pod's names should not be those of yesterday. */
  private static final long MOST_SECONDS = 3600;

  /** What an entry costs beside the bytes of its message. */
  private static final int ENTRY_BYTES = 400;

  private static final int LARGEST_PART = 8;

  /** Bits of a query that may change the answer. */
  private static final int ASKED_BITS = DnsMessage.RD | DnsMessage.AD | DnsMessage.CD;

  /**
   * What makes two queries the same.
   *
   * @param asked the resolver: each may have its own view
   * @param bits of the query's header, and whether it asks for DNSSEC's records
   */
  record Key(Optional<InetSocketAddress> asked, String question, int bits) {
    static Key of(Optional<InetSocketAddress> asked, DnsQuery query) {
      int dnssec = query.dnssecOk() ? 1 : 0;
      return new Key(asked, query.question(), (query.flags() & ASKED_BITS) | dnssec);
    }
  }

  private record Stored(ResolverAnswer answer, long at, long seconds) {
    int size() {
      return answer.message().bytes().length + ENTRY_BYTES;
    }
  }

  private final Map<Key, Stored> entries = new LinkedHashMap<>(16, 0.75f, true);
  private final long capacity;
  private final LongSupplier nanos;
  private long size;

  /**
   * @param capacity in bytes; 0 keeps nothing
   * @param nanos a clock, as {@link System#nanoTime}
   */
  AnswerCache(long capacity, LongSupplier nanos) {
    this.capacity = capacity;
    this.nanos = nanos;
  }

  /** How many bytes it takes. */
  long size() {
    return size;
  }

  /** Whether an answer to the query may be kept, and used for the same query again. */
  static boolean serves(DnsQuery query) {
    return query.isPlain() && !query.hasForwardedOptions();
  }

  /** The answer for the pod, with what is left of its time to live. */
  Optional<byte[]> get(Key key, DnsQuery query, int limit) {
    Stored stored = entries.get(key);
    if (stored == null) {
      return Optional.empty();
    }
    long age = TimeUnit.NANOSECONDS.toSeconds(nanos.getAsLong() - stored.at());
    if (age >= stored.seconds()) {
      entries.remove(key);
      size -= stored.size();
      return Optional.empty();
    }
    return Optional.of(aged(stored.answer(), age, query, limit));
  }

  private static byte[] aged(ResolverAnswer answer, long age, DnsQuery query, int limit) {
    DnsMessage message = answer.message();
    byte[] bytes = message.bytes().clone();
    for (Entry record : message.records()) {
      if (record.type() != Edns.TYPE) {
        DnsMessage.put32(bytes, record.ttlAt(), Math.max(0, message.ttl(record) - age));
      }
    }
    // Only who owns the data answers with authority.
    return answer.to(query, limit, bytes, message.flags() & ~DnsMessage.AA);
  }

  void put(Key key, ResolverAnswer answer) {
    long seconds = seconds(answer);
    Stored stored = new Stored(answer, nanos.getAsLong(), seconds);
    if (seconds <= 0 || stored.size() > capacity / LARGEST_PART) {
      return;
    }
    Stored before = entries.put(key, stored);
    size += stored.size() - (before == null ? 0 : before.size());
    Iterator<Stored> eldest = entries.values().iterator();
    while (size > capacity) {
      size -= eldest.next().size();
      eldest.remove();
    }
  }

  /** How long it may be kept; 0: not at all. */
  static long seconds(ResolverAnswer answer) {
    DnsMessage message = answer.message();
    boolean exists = message.rcode() == DnsAnswer.NOERROR;
    boolean missing = message.rcode() == DnsResponseCode.NXDOMAIN.intValue();
    boolean extended = answer.edns().map(Edns::extendedCode).orElse(0) != 0;
    if (answer.isTruncated() || extended || !(exists || missing)) {
      return 0;
    }
    List<Entry> answers = in(Section.ANSWER, message);
    long least = answers.stream().mapToLong(message::ttl).min().orElse(MOST_SECONDS);
    boolean positive =
        exists && answers.stream().anyMatch(record -> record.type() == message.type());
    return Math.min(MOST_SECONDS, positive ? least : Math.min(least, negativeSeconds(message)));
  }

  /** RFC 2308 5: the lesser of the SOA's TTL and its last field; without a SOA not at all. */
  private static long negativeSeconds(DnsMessage message) {
    return in(Section.AUTHORITY, message).stream()
        .filter(record -> record.type() == DnsRecordType.SOA.intValue())
        .filter(record -> record.end() - record.dataAt() >= Integer.BYTES)
        .mapToLong(soa -> Math.min(message.ttl(soa), minimum(message, soa)))
        .findFirst()
        .orElse(0);
  }

  private static long minimum(DnsMessage message, Entry soa) {
    return Math.max(0, message.i32(soa.end() - Integer.BYTES));
  }

  private static List<Entry> in(Section section, DnsMessage message) {
    return message.records().stream().filter(record -> record.section() == section).toList();
  }
}
