// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.List;
import java.util.Optional;

/**
 * A ReferenceGrant of the Gateway API ({@code gateway.networking.k8s.io}): what of its namespace
 * may be named from other namespaces.
 *
 * @param from who may name it; one is enough
 * @param to what may be named; one is enough
 */
public record ReferenceGrantResource(ObjectMeta metadata, List<From> from, List<To> to)
    implements Resource {

  /** Resources of a kind in a namespace. */
  public record From(String group, String kind, String namespace) {}

  /**
   * Resources of a kind.
   *
   * @param name empty for all of them
   */
  public record To(String group, String kind, Optional<String> name) {}

  public ReferenceGrantResource {
    from = List.copyOf(from);
    to = List.copyOf(to);
  }

  @Override
  public String kind() {
    return "ReferenceGrant";
  }

  /**
   * Whether it lets one resource name another.
   *
   * @param group of who names
   * @param kind of who names
   * @param namespace of who names
   */
  public boolean allows(String group, String kind, String namespace, ObjectRef named) {
    return metadata.namespace().equals(named.namespace())
        && from.contains(new From(group, kind, namespace))
        && to.stream()
            .anyMatch(
                one ->
                    one.group.equals(named.group())
                        && one.kind.equals(named.kind())
                        && one.name.map(named.name()::equals).orElse(true));
  }
}
