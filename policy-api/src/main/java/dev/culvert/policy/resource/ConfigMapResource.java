// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.List;
import java.util.Optional;

/**
 * A ConfigMap, as far as it says something to us.
 *
 * @param providers of the mesh's configuration, Istio's {@code MeshConfig} under the key {@code
 *     mesh}; empty in any other ConfigMap
 * @param authorities the certificates under the key {@code ca.crt}, in PEM
 */
public record ConfigMapResource(
    ObjectMeta metadata, List<ExtensionProvider> providers, Optional<String> authorities)
    implements Resource {
  /** What the mesh's configuration is called, ours and Istio's. */
  public static final List<String> MESH_NAMES = List.of("culvert", "istio");

  public ConfigMapResource {
    providers = List.copyOf(providers);
  }

  @Override
  public String kind() {
    return "ConfigMap";
  }
}
