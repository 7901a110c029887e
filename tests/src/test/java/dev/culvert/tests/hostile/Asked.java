// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.hostile;

import java.util.Map;
import java.util.Optional;

/**
 * A CONNECT as it came.
 *
 * @param headers all of them, also the pseudo-headers
 * @param client the identity that the client proved
 * @param alpn what TLS agreed to speak
 * @param serverName what the client called the server in TLS
 * @param settings the parameters that the client had set by then (RFC 9113 6.5.2)
 */
public record Asked(
    Map<String, String> headers,
    String client,
    String alpn,
    Optional<String> serverName,
    Map<Integer, Integer> settings) {

  public String authority() {
    return header(":authority");
  }

  /** The value of a header that must be there. */
  public String header(String name) {
    String value = headers.get(name);
    if (value == null) {
      throw new AssertionError("no %s in %s".formatted(name, headers));
    }
    return value;
  }
}
