// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.app;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A DNS question in one packet and what its answer says (RFC 1035 4).
 *
 * @param udpSize the largest answer that is taken, told by EDNS (RFC 6891); 0 without EDNS
 */
public record DnsQuery(int id, String name, int type, int udpSize) {
  public static final int A = 1;
  public static final int AAAA = 28;

  private static final int CNAME = 5;
  private static final int OPT = 41;
  private static final int AUTHORITY = 0x0400;
  private static final int RECURSION_DESIRED = 0x0100;
  private static final int RESPONSE = 0x8000;
  private static final int TRUNCATED = 0x0200;
  private static final int POINTER = 0xc0;

  /** One without EDNS. */
  public DnsQuery(int id, String name, int type) {
    this(id, name, type, 0);
  }

  /**
   * What an answer says.
   *
   * @param truncated whether there is more over TCP
   * @param authority whether who answers owns the name
   * @param aliases the names that the asked one stands for, in their order
   * @param seconds how long it may be kept, by the first record; negative without any
   * @param edns whether it has an OPT record
   */
  public record Reply(
      int code,
      boolean truncated,
      boolean authority,
      List<String> aliases,
      List<InetAddress> addresses,
      int seconds,
      boolean edns) {}

  public ByteBuffer packet() {
    ByteBuffer packet = ByteBuffer.allocate(512);
    packet.putShort((short) id).putShort((short) RECURSION_DESIRED).putShort((short) 1);
    packet.putShort((short) 0).putShort((short) 0).putShort((short) (udpSize > 0 ? 1 : 0));
    for (String label : name.split("\\.", -1)) {
      packet.put((byte) label.length()).put(label.getBytes(US_ASCII));
    }
    packet.put((byte) 0).putShort((short) type).putShort((short) 1);
    if (udpSize > 0) {
      packet.put((byte) 0).putShort((short) OPT).putShort((short) udpSize).putInt(0);
      packet.putShort((short) 0);
    }
    return packet.flip();
  }

  /** The packet behind its length, as TCP carries it. */
  public ByteBuffer segment() {
    ByteBuffer packet = packet();
    ByteBuffer segment = ByteBuffer.allocate(2 + packet.remaining());
    return segment.putShort((short) packet.remaining()).put(packet).flip();
  }

  /** Reads the next answer on a TCP connection, whatever it answers. */
  public static ByteBuffer next(AppConnection connection) throws IOException {
    return read(connection, Short.toUnsignedInt(read(connection, 2).getShort()));
  }

  private static ByteBuffer read(AppConnection connection, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    while (buffer.hasRemaining()) {
      if (connection.read(buffer) < 0) {
        throw new EOFException("ended after %d of %d bytes".formatted(buffer.position(), bytes));
      }
    }
    return buffer.flip();
  }

  /**
   * Reads the answer to this question.
   *
   * @throws IllegalArgumentException when the packet answers something else
   */
  public Reply reply(ByteBuffer packet) {
    int answered = Short.toUnsignedInt(packet.getShort());
    int flags = Short.toUnsignedInt(packet.getShort());
    if (answered != id || (flags & RESPONSE) == 0) {
      throw new IllegalArgumentException("not the answer to query " + id + ": " + answered);
    }
    int questions = packet.getShort();
    int records = packet.getShort();
    int others = packet.getShort() + packet.getShort();
    for (int i = 0; i < questions; i++) {
      name(packet);
      packet.getInt();
    }
    List<Entry> answers = entries(packet, records);
    return new Reply(
        flags & 0xf,
        (flags & TRUNCATED) != 0,
        (flags & AUTHORITY) != 0,
        answers.stream().filter(one -> one.type() == CNAME).map(Entry::target).toList(),
        answers.stream().filter(one -> one.type() == type).map(Entry::address).toList(),
        answers.isEmpty() ? -1 : answers.getFirst().seconds(),
        entries(packet, others).stream().anyMatch(one -> one.type() == OPT));
  }

  /** A record; its data is {@code packet} from its position on. */
  private record Entry(int type, int seconds, int bytes, ByteBuffer packet) {
    InetAddress address() {
      byte[] address = new byte[bytes];
      packet.get(packet.position(), address);
      try {
        return InetAddress.getByAddress(address);
      } catch (UnknownHostException e) {
        throw new IllegalArgumentException("an address of " + bytes + " bytes", e);
      }
    }

    String target() {
      return name(packet.duplicate());
    }
  }

  private static List<Entry> entries(ByteBuffer packet, int count) {
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      name(packet);
      int entryType = packet.getShort();
      packet.getShort();
      int seconds = packet.getInt();
      int bytes = Short.toUnsignedInt(packet.getShort());
      entries.add(new Entry(entryType, seconds, bytes, packet.duplicate()));
      packet.position(packet.position() + bytes);
    }
    return entries;
  }

  /** Reads a name; where it points back to, it goes on there. */
  private static String name(ByteBuffer packet) {
    List<String> labels = new ArrayList<>();
    int length = Byte.toUnsignedInt(packet.get());
    while (length != 0 && length < POINTER) {
      byte[] label = new byte[length];
      packet.get(label);
      labels.add(new String(label, US_ASCII));
      length = Byte.toUnsignedInt(packet.get());
    }
    if (length >= POINTER) {
      int at = (length & ~POINTER) << 8 | Byte.toUnsignedInt(packet.get());
      labels.add(name(packet.duplicate().position(at)));
    }
    return String.join(".", labels);
  }
}
