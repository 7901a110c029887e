// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.Map;
import java.util.Optional;

/** A namespace. */
public record NamespaceResource(ObjectMeta metadata) implements Resource {
  /**
   * One that nobody wrote down: it has no labels but its name, which an API server gives to all.
   */
  public static NamespaceResource unwritten(String name) {
    return new NamespaceResource(
        new ObjectMeta(
            "",
            name,
            name,
            Map.of("kubernetes.io/metadata.name", name),
            Map.of(),
            Optional.empty()));
  }

  @Override
  public String kind() {
    return "Namespace";
  }
}
