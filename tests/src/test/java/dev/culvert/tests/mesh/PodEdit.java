// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.mesh;

/** Something that is written of a pod beside what is true of all pods of the mesh. */
@FunctionalInterface
public interface PodEdit {
  /** The manifest with it. */
  String apply(String yaml);

  static PodEdit label(String key, String value) {
    return yaml -> yaml.replace("\n  labels:", "\n  labels:\n    %s: \"%s\"".formatted(key, value));
  }

  /** A container's port. */
  static PodEdit port(String name, int number) {
    return yaml ->
        yaml.replace(
            "\nspec:\n",
            """

            spec:
              containers:
                - name: app
                  ports: [{name: %s, containerPort: %d}]
            """
                .formatted(name, number));
  }

  /** Only its IPv4 address. */
  static PodEdit withoutV6(MeshPod pod) {
    return yaml -> Manifests.without(pod.lab().ip6(), yaml);
  }

  static PodEdit unready() {
    return yaml -> yaml + "  conditions: [{type: Ready, status: \"False\"}]\n";
  }
}
