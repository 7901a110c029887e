// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import dev.culvert.ztunnel.identity.TlsEngine;
import dev.culvert.ztunnel.transport.Transport;
import java.util.List;
import java.util.stream.Stream;

/** A transport and a TLS engine that this machine has. */
public record Way(Transport transport, TlsEngine engine) {

  /** All of them. */
  public static List<Way> all() {
    return Transport.available().stream()
        .flatMap(
            transport ->
                Stream.of(TlsEngine.OPENSSL, TlsEngine.JDK).map(tls -> new Way(transport, tls)))
        .toList();
  }

  @Override
  public String toString() {
    return transport.name() + "+" + engine.name().toLowerCase(java.util.Locale.ROOT);
  }
}
