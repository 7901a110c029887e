// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.wire;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The server's choice, the last thing that TLS says in the clear (RFC 8446, section 4.1.3).
 *
 * @param version 0x0304 is TLS 1.3, told in the extension supported_versions
 * @param cipherSuite its number
 * @param group the key exchange, told in the extension key_share; 0 when it is not there
 */
public record ServerHello(int version, int cipherSuite, int group) {
  /** TLS 1.3. */
  public static final int TLS13 = 0x0304;

  private static final int SERVER_HELLO = 2;
  private static final int SUPPORTED_VERSIONS = 43;
  private static final int KEY_SHARE = 51;

  /** Empty when the handshake message is another one or is cut short. */
  static Optional<ServerHello> of(ByteBuffer message) {
    try {
      return parse(message.duplicate());
    } catch (BufferUnderflowException | IllegalArgumentException | IndexOutOfBoundsException e) {
      return Optional.empty();
    }
  }

  private static Optional<ServerHello> parse(ByteBuffer in) {
    if (in.get() != SERVER_HELLO) {
      return Optional.empty();
    }
    skip(in, 3);
    int version = in.getShort() & 0xffff;
    skip(in, 32);
    skip(in, in.get() & 0xff);
    int cipherSuite = in.getShort() & 0xffff;
    skip(in, 1);
    int group = 0;
    int end = (in.getShort() & 0xffff) + in.position();
    while (in.position() < end) {
      int type = in.getShort() & 0xffff;
      int length = in.getShort() & 0xffff;
      if (type == SUPPORTED_VERSIONS) {
        version = in.getShort(in.position()) & 0xffff;
      } else if (type == KEY_SHARE) {
        group = in.getShort(in.position()) & 0xffff;
      }
      skip(in, length);
    }
    return Optional.of(new ServerHello(version, cipherSuite, group));
  }

  private static void skip(ByteBuffer in, int bytes) {
    in.position(in.position() + bytes);
  }

  /** For people: {@code TLS 1.3, TLS_AES_128_GCM_SHA256, X25519MLKEM768}. */
  @Override
  public String toString() {
    return "%s, %s, %s".formatted(versionName(), cipherName(), groupName());
  }

  private String versionName() {
    return switch (version) {
      case TLS13 -> "TLS 1.3";
      case 0x0303 -> "TLS 1.2";
      default -> "version 0x%04x".formatted(version);
    };
  }

  private String cipherName() {
    return switch (cipherSuite) {
      case 0x1301 -> "TLS_AES_128_GCM_SHA256";
      case 0x1302 -> "TLS_AES_256_GCM_SHA384";
      case 0x1303 -> "TLS_CHACHA20_POLY1305_SHA256";
      default -> "cipher 0x%04x".formatted(cipherSuite);
    };
  }

  private String groupName() {
    return switch (group) {
      case 0x11ec -> "X25519MLKEM768";
      case 0x001d -> "X25519";
      case 0x0017 -> "secp256r1";
      default -> "group 0x%04x".formatted(group);
    };
  }
}
