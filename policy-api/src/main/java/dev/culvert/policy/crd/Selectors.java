// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.crd;

/** How policies say what they are for. */
final class Selectors {
  private Selectors() {}

  static Schema selector() {
    return Schema.object(
            "The workloads it applies to; absent or empty, all of its namespace, or of the mesh"
                + " when that is the root namespace.")
        .field(
            "matchLabels",
            Schema.map(
                "Labels that a workload must all have.",
                4096,
                Schema.bare("string").with("maxLength", 63)));
  }

  static Schema target(String description) {
    return Schema.object(description)
        .field("group", Schema.text("The API group of the target; empty for a Service."))
        .field("kind", Schema.text("The kind of the target.").with("minLength", 1))
        .field("name", Schema.text("The name of the target.").with("minLength", 1))
        .field(
            "namespace",
            Schema.text("The policy's own namespace, which is the only one that it applies to."))
        .required("kind", "name");
  }
}
