// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.wire;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * What one direction of a connection shows of TLS to anyone on the wire (RFC 8446, section 5).
 *
 * @param serverHello the answer that fixes version and cipher, when this is the server's direction
 * @param encryptedRecords records of type application data
 * @param encryptedBytes their length together
 * @param nothingElse whether every byte of the stream belongs to a TLS record
 */
public record TlsStream(
    Optional<ServerHello> serverHello,
    int encryptedRecords,
    long encryptedBytes,
    boolean nothingElse) {
  private static final int HEADER = 5;
  private static final int CHANGE_CIPHER_SPEC = 20;
  private static final int ALERT = 21;
  private static final int HANDSHAKE = 22;
  private static final int APPLICATION_DATA = 23;

  /** The longest record: 2^14 bytes and what encryption adds. */
  private static final int LONGEST = (1 << 14) + 256;

  /** Reads records until the end or the first byte that belongs to none. */
  public static TlsStream of(TcpStream stream) {
    ByteBuffer in = stream.bytes().duplicate();
    Optional<ServerHello> hello = Optional.empty();
    int records = 0;
    long bytes = 0;
    while (in.remaining() >= HEADER) {
      int type = in.get(in.position()) & 0xff;
      int length = in.getShort(in.position() + 3) & 0xffff;
      if (!isRecord(in, type, length)) {
        return new TlsStream(hello, records, bytes, false);
      }
      int present = Math.min(length, in.remaining() - HEADER);
      ByteBuffer content = in.slice(in.position() + HEADER, present);
      if (type == HANDSHAKE && hello.isEmpty()) {
        hello = ServerHello.of(content);
      } else if (type == APPLICATION_DATA) {
        records++;
        bytes += length;
      }
      in.position(in.position() + HEADER + present);
    }
    return new TlsStream(hello, records, bytes, records > 0 || hello.isPresent());
  }

  private static boolean isRecord(ByteBuffer in, int type, int length) {
    boolean known =
        switch (type) {
          case CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, APPLICATION_DATA -> true;
          default -> false;
        };
    return known && in.get(in.position() + 1) == 3 && length > 0 && length <= LONGEST;
  }
}
