// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.discovery;

import java.util.Optional;

/** What all proxies should know at one moment. Immutable. */
public record DiscoverySnapshot(ResourceSet addresses, ResourceSet authorizations) {
  /** A mesh without anything in it. */
  public static final DiscoverySnapshot EMPTY =
      new DiscoverySnapshot(ResourceSet.EMPTY, ResourceSet.EMPTY);

  /** The resources of a type; empty when the type is not served. */
  Optional<ResourceSet> ofType(String typeUrl) {
    return switch (typeUrl) {
      case TypeUrl.ADDRESS -> Optional.of(addresses);
      case TypeUrl.AUTHORIZATION -> Optional.of(authorizations);
      default -> Optional.empty();
    };
  }
}
