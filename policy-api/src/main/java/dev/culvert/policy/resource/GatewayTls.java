// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.Map;
import java.util.Optional;

/**
 * TLS for all of a Gateway.
 *
 * @param backendCertificate what it shows to backends
 * @param standard how clients are verified on ports without an entry of their own
 * @param byPort how clients of a port are verified; empty for not at all
 */
public record GatewayTls(
    Optional<ObjectRef> backendCertificate,
    Optional<ClientValidation> standard,
    Map<Integer, Optional<ClientValidation>> byPort) {

  public GatewayTls {
    byPort = Map.copyOf(byPort);
  }

  Optional<ClientValidation> clientValidation(int port) {
    return byPort.getOrDefault(port, standard);
  }
}
