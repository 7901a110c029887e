// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A message (RFC 1035 4.1) with one question, its records found but not understood. */
final class DnsMessage {
  static final int HEADER = 12;
  static final int ID = 0;
  static final int FLAGS = 2;
  static final int QUESTIONS = 4;
  static final int MAX_BYTES = 65_535;

  static final int QR = 0x8000;
  static final int OPCODE = 0x7800;
  static final int AA = 0x0400;
  static final int TC = 0x0200;
  static final int RD = 0x0100;
  static final int RA = 0x0080;
  static final int AD = 0x0020;
  static final int CD = 0x0010;
  static final int RCODE = 0x000f;
  static final int CLASS_IN = 1;

  private static final int RECORD_BYTES = 11;

  /** The parts of a message that hold records, in their order. */
  enum Section {
    ANSWER(6),
    AUTHORITY(8),
    ADDITIONAL(10);

    private final int count;

    Section(int count) {
      this.count = count;
    }

    /** Where the header counts the section's records. */
    int count() {
      return count;
    }
  }

  /**
   * A record of the message.
   *
   * @param fields where its type, class, TTL and length stand
   * @param end where the next begins
   */
  record Entry(Section section, int start, int fields, int type, int end) {
    int ttlAt() {
      return fields + 4;
    }

    int dataAt() {
      return fields + 10;
    }
  }

  private final byte[] bytes;
  private final int questionEnd;
  private final String name;
  private final List<Entry> records;

  private DnsMessage(byte[] bytes, int questionEnd, String name, List<Entry> records) {
    this.bytes = bytes;
    this.questionEnd = questionEnd;
    this.name = name;
    this.records = records;
  }

  /**
   * Finds the parts of a message.
   *
   * @param bytes kept, not copied
   * @return empty when they are no message with one question and nothing behind it
   */
  static Optional<DnsMessage> read(byte[] bytes) {
    if (bytes.length < HEADER || u16(bytes, QUESTIONS) != 1) {
      return Optional.empty();
    }
    WireReader in = new WireReader(bytes);
    in.skip(HEADER);
    String name = in.hostName();
    in.skip(4);
    int questionEnd = in.at();
    List<Entry> records = new ArrayList<>();
    for (Section section : Section.values()) {
      // A count may say more than the bytes hold: what stops the loop is their end.
      for (int left = u16(bytes, section.count()); left > 0 && !in.isMalformed(); left--) {
        records.add(entry(in, section));
      }
    }
    return in.isMalformed() || in.at() != bytes.length
        ? Optional.empty()
        : Optional.of(new DnsMessage(bytes, questionEnd, name, List.copyOf(records)));
  }

  private static Entry entry(WireReader in, Section section) {
    int start = in.at();
    in.skipName();
    int fields = in.at();
    int type = in.u16();
    in.skip(6);
    in.skip(in.u16());
    return new Entry(section, start, fields, type, in.at());
  }

  byte[] bytes() {
    return bytes;
  }

  int id() {
    return u16(bytes, ID);
  }

  int flags() {
    return u16(bytes, FLAGS);
  }

  int rcode() {
    return flags() & RCODE;
  }

  /** In lower case without the last dot; empty for the root and for what no host is called. */
  String name() {
    return name;
  }

  int type() {
    return u16(bytes, questionEnd - 4);
  }

  int dnsClass() {
    return u16(bytes, questionEnd - 2);
  }

  int questionEnd() {
    return questionEnd;
  }

  List<Entry> records() {
    return records;
  }

  /** Its record's TTL in seconds; one with the highest bit counts as none (RFC 2181 8). */
  long ttl(Entry entry) {
    return Math.max(0, i32(entry.ttlAt()));
  }

  int i32(int at) {
    return (u16(bytes, at) << 16) | u16(bytes, at + 2);
  }

  /** Whether the owner of the record is the root. */
  boolean isOfRoot(Entry entry) {
    return entry.end() - entry.start() >= RECORD_BYTES && entry.fields() == entry.start() + 1;
  }

  static int u16(byte[] bytes, int at) {
    return ((bytes[at] & 0xff) << 8) | (bytes[at + 1] & 0xff);
  }

  static void put16(byte[] bytes, int at, int value) {
    bytes[at] = (byte) (value >> 8);
    bytes[at + 1] = (byte) value;
  }

  static void put32(byte[] bytes, int at, long value) {
    put16(bytes, at, (int) (value >> 16));
    put16(bytes, at + 2, (int) value);
  }
}
