// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

/**
 * The name of a resource. The API group is not part of it: a policy of our group and one of Istio's
 * under the same name would be the same policy on the wire.
 *
 * @param namespace empty for kinds without namespaces
 */
public record ResourceKey(String kind, String namespace, String name) {
  /** {@code KIND NAMESPACE/NAME}. */
  @Override
  public String toString() {
    return namespace.isEmpty() ? kind + " " + name : kind + " " + namespace + "/" + name;
  }
}
