// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.Optional;
import java.util.Set;

/** Reads {@code metadata}. */
final class MetadataReader {
  /** What an API server and its clients keep there for themselves. */
  static final Set<String> UNUSED =
      Set.of(
          "generateName",
          "generation",
          "resourceVersion",
          "managedFields",
          "ownerReferences",
          "finalizers",
          "deletionTimestamp",
          "deletionGracePeriodSeconds",
          "selfLink");

  private MetadataReader() {}

  /** Empty when there is no usable name, which is then noted. */
  static Optional<ObjectMeta> read(ObjectReader object, boolean namespaced) {
    ObjectReader meta = object.object("metadata");
    meta.know(UNUSED.toArray(String[]::new));
    if (!meta.has("name")) {
      meta.error("name", "it is missing", "give the resource a name");
    }
    String namespace = meta.parsed("namespace", Literals::namespace).orElse("default");
    ObjectMeta standard = named(namespaced ? namespace : "", meta);
    return standard.name().isEmpty() ? Optional.empty() : Optional.of(standard);
  }

  private static ObjectMeta named(String namespace, ObjectReader meta) {
    String name = meta.parsed("name", Literals::name).orElse("");
    String uid = namespace.isEmpty() ? name : namespace + "/" + name;
    return new ObjectMeta(
        namespace,
        name,
        meta.text("uid", uid),
        meta.textMap("labels"),
        meta.textMap("annotations"),
        meta.parsed("creationTimestamp", Literals::timestamp));
  }
}
