// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

/**
 * Names another resource.
 *
 * @param group empty for the core API
 * @param namespace that of the resource which names it, when not written
 */
public record ObjectRef(String group, String kind, String namespace, String name) {
  /** What it names. */
  public ResourceKey key() {
    return new ResourceKey(kind, namespace, name);
  }

  /**
   * Reads one.
   *
   * @param kind what it is when not written; empty when it must be written
   */
  static ObjectRef read(ObjectReader ref, String kind, String namespace) {
    ref.require("name", "name the resource");
    if (kind.isEmpty()) {
      ref.require("kind", "name the kind of the resource");
    }
    return new ObjectRef(
        ref.text("group", ""),
        ref.text("kind", kind),
        ref.parsed("namespace", Literals::namespace).orElse(namespace),
        ref.parsed("name", Literals::some).orElse(""));
  }
}
