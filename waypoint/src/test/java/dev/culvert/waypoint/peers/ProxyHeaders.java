// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.peers;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/** Headers of the PROXY protocol by hand, as its specification has them. */
public final class ProxyHeaders {
  private static final byte[] SIGNATURE = {
    0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a
  };

  private ProxyHeaders() {}

  public static byte[] v1(String rest) {
    return ("PROXY " + rest + "\r\n").getBytes(US_ASCII);
  }

  /** Of TCP, from port 1234 to port 443. */
  public static byte[] v2(String source, String destination, byte... extra) {
    byte[] from = bytes(source);
    byte[] to = bytes(destination);
    ByteBuffer body = ByteBuffer.allocate(from.length * 2 + 4 + extra.length);
    body.put(from).put(to).putShort((short) 1234).putShort((short) 443).put(extra);
    return v2(0x21, from.length == 4 ? 0x11 : 0x21, body.array());
  }

  public static byte[] v2(int versionAndCommand, int family, byte[] body) {
    ByteBuffer header = ByteBuffer.allocate(16 + body.length);
    header.put(SIGNATURE).put((byte) versionAndCommand).put((byte) family);
    return header.putShort((short) body.length).put(body).array();
  }

  private static byte[] bytes(String address) {
    try {
      return InetAddress.getByName(address).getAddress();
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }
}
