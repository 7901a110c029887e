// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.Map;

/**
 * Whether peers must prove who they are, in the shape and meaning of Istio's.
 *
 * @param selector labels of the workloads it applies to; empty for all of its namespace
 * @param mode UNSET when not written
 * @param portLevelMtls exceptions by port of the workload
 */
public record PeerAuthentication(
    ObjectMeta metadata, Map<String, String> selector, Mode mode, Map<Integer, Mode> portLevelMtls)
    implements Resource {

  /** How peers are taken. */
  public enum Mode {
    /** As the next wider policy says; PERMISSIVE when there is none. */
    UNSET,
    /** Plaintext. In ambient mode the same as PERMISSIVE. */
    DISABLE,
    /** Plaintext and mutual TLS. */
    PERMISSIVE,
    /** Mutual TLS only. */
    STRICT
  }

  public PeerAuthentication {
    selector = Map.copyOf(selector);
    portLevelMtls = Map.copyOf(portLevelMtls);
  }

  @Override
  public String kind() {
    return "PeerAuthentication";
  }
}
