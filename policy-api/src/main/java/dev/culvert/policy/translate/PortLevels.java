// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.translate;

import dev.culvert.policy.authz.PolicyKey;
import dev.culvert.policy.resource.PeerAuthentication;
import dev.culvert.policy.resource.PeerAuthentication.Mode;
import dev.culvert.policy.wire.security.Authorization;
import java.util.List;

/**
 * The ports of a PeerAuthentication that differ from the mode of its workloads.
 *
 * @param mode what holds for all other ports, never UNSET
 */
record PortLevels(PeerAuthentication policy, Mode mode) {

  /** Whether a port is strict where the others are not, or the other way round. */
  boolean differ() {
    return !ports().isEmpty();
  }

  /** Names of resources have no underscore, so this one is free. */
  PolicyKey key() {
    return new PolicyKey(
        policy.metadata().namespace(), "culvert_peer_authentication_" + policy.metadata().name());
  }

  Authorization authorization() {
    return mode == Mode.STRICT
        ? StrictMtls.everyPortBut(key(), ports())
        : StrictMtls.ports(key(), ports());
  }

  private List<Integer> ports() {
    boolean strict = mode == Mode.STRICT;
    return policy.portLevelMtls().entrySet().stream()
        .filter(port -> port.getValue() != Mode.UNSET)
        .filter(port -> (port.getValue() == Mode.STRICT) != strict)
        .map(port -> port.getKey())
        .sorted()
        .toList();
  }
}
