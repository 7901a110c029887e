// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

/** A namespace. */
public record NamespaceResource(ObjectMeta metadata) implements Resource {
  @Override
  public String kind() {
    return "Namespace";
  }
}
