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

/** A DNS question in one packet and what its answer says (RFC 1035 4). */
public record DnsQuery(int id, String name, int type) {
  public static final int A = 1;
  public static final int AAAA = 28;

  private static final int RECURSION_DESIRED = 0x0100;
  private static final int RESPONSE = 0x8000;
  private static final int TRUNCATED = 0x0200;
  private static final int POINTER = 0xc0;

  /**
   * What an answer says.
   *
   * @param truncated whether there is more over TCP
   */
  public record Reply(int code, boolean truncated, List<InetAddress> addresses) {}

  public ByteBuffer packet() {
    ByteBuffer packet = ByteBuffer.allocate(512);
    packet.putShort((short) id).putShort((short) RECURSION_DESIRED).putShort((short) 1);
    packet.putShort((short) 0).putShort((short) 0).putShort((short) 0);
    for (String label : name.split("\\.", -1)) {
      packet.put((byte) label.length()).put(label.getBytes(US_ASCII));
    }
    packet.put((byte) 0).putShort((short) type).putShort((short) 1);
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
    packet.getInt();
    for (int i = 0; i < questions; i++) {
      skipName(packet);
      packet.getInt();
    }
    List<InetAddress> addresses = new ArrayList<>();
    for (int i = 0; i < records; i++) {
      readRecord(packet, addresses);
    }
    return new Reply(flags & 0xf, (flags & TRUNCATED) != 0, List.copyOf(addresses));
  }

  private void readRecord(ByteBuffer packet, List<InetAddress> addresses) {
    skipName(packet);
    int recordType = packet.getShort();
    packet.getShort();
    packet.getInt();
    byte[] value = new byte[packet.getShort()];
    packet.get(value);
    if (recordType == type) {
      try {
        addresses.add(InetAddress.getByAddress(value));
      } catch (UnknownHostException e) {
        throw new IllegalArgumentException("an address of " + value.length + " bytes", e);
      }
    }
  }

  private static void skipName(ByteBuffer packet) {
    int length = Byte.toUnsignedInt(packet.get());
    while (length != 0) {
      if (length >= POINTER) {
        packet.get();
        return;
      }
      packet.position(packet.position() + length);
      length = Byte.toUnsignedInt(packet.get());
    }
  }
}
