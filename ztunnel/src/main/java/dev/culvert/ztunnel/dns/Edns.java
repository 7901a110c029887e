// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import io.netty.handler.codec.dns.DnsRecordType;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The OPT record of a message (RFC 6891 6.1). It is of one hop: what goes on is made anew.
 *
 * @param size the largest UDP message that the sender takes
 * @param extendedCode the upper eight bits of the response code
 * @param version of EDNS
 * @param dnssecOk whether the sender asks for DNSSEC's records (RFC 3225)
 * @param options as they stand
 */
@SuppressWarnings("ArrayRecordComponent") // bytes of the wire; not compared
record Edns(int size, int extendedCode, int version, boolean dnssecOk, byte[] options) {
  static final int TYPE = DnsRecordType.OPT.intValue();

  /** What crosses any network in one piece, as agreed on DNS flag day 2020. */
  static final int OUR_SIZE = 1232;

  private static final int DO = 0x8000;
  private static final int FIXED_BYTES = 11;
  private static final byte[] NO_OPTIONS = {};

  /** Those that speak to the next hop only: cookie, TCP keepalive, padding. */
  private static final int COOKIE = 10;

  private static final int KEEPALIVE = 11;
  private static final int PADDING = 12;

  static Edns of(DnsMessage message, DnsMessage.Entry opt) {
    byte[] bytes = message.bytes();
    int ttl = message.i32(opt.ttlAt());
    return new Edns(
        DnsMessage.u16(bytes, opt.fields() + 2),
        ttl >>> 24,
        (ttl >>> 16) & 0xff,
        (ttl & DO) != 0,
        Arrays.copyOfRange(bytes, opt.dataAt(), opt.end()));
  }

  /** Ours, without options. */
  static Edns ours(boolean dnssecOk) {
    return new Edns(OUR_SIZE, 0, 0, dnssecOk, NO_OPTIONS);
  }

  Edns withExtendedCode(int code) {
    return new Edns(size, code, version, dnssecOk, options);
  }

  /** Ours, with those options that are not for one hop only. */
  Edns forwarded() {
    return new Edns(OUR_SIZE, extendedCode, 0, dnssecOk, forwardedOptions());
  }

  /** None when they are malformed. */
  private byte[] forwardedOptions() {
    ByteBuffer in = ByteBuffer.wrap(options);
    ByteBuffer out = ByteBuffer.allocate(options.length);
    while (in.remaining() >= 4) {
      int code = Short.toUnsignedInt(in.getShort());
      int length = Short.toUnsignedInt(in.getShort());
      if (length > in.remaining()) {
        return NO_OPTIONS;
      }
      if (code != COOKIE && code != KEEPALIVE && code != PADDING) {
        out.putShort((short) code).putShort((short) length).put(in.slice(in.position(), length));
      }
      in.position(in.position() + length);
    }
    return in.hasRemaining() ? NO_OPTIONS : Arrays.copyOf(out.array(), out.position());
  }

  /** The record on the wire. */
  byte[] record() {
    return ByteBuffer.allocate(FIXED_BYTES + options.length)
        .put((byte) 0)
        .putShort((short) TYPE)
        .putShort((short) size)
        .put((byte) extendedCode)
        .put((byte) version)
        .putShort((short) (dnssecOk ? DO : 0))
        .putShort((short) options.length)
        .put(options)
        .array();
  }
}
