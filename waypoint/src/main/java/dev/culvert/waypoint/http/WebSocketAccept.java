// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** What a server of WebSockets answers to a key (RFC 6455, section 4.2.2), which HTTP/2 has not. */
public final class WebSocketAccept {
  private static final String MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private WebSocketAccept() {}

  /** The value of {@code Sec-WebSocket-Accept} for one of {@code Sec-WebSocket-Key}. */
  public static String of(String key) {
    try {
      MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
      return Base64.getEncoder().encodeToString(sha1.digest((key + MAGIC).getBytes(US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
