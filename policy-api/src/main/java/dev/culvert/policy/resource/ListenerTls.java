// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The TLS of a listener.
 *
 * @param certificates the Secrets that hold its certificates, when it ends TLS
 * @param options whatever the implementation knows
 */
public record ListenerTls(
    Mode mode,
    List<ObjectRef> certificates,
    Map<String, String> options,
    Optional<ClientValidation> clientValidation) {

  /** Who ends TLS. */
  public enum Mode {
    /** The Gateway. */
    TERMINATE,
    /** The backend: the Gateway sees the server name only. */
    PASSTHROUGH
  }

  public ListenerTls {
    certificates = List.copyOf(certificates);
    options = Map.copyOf(options);
  }
}
