// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.crd;

import java.util.List;

/** What the control plane says of a policy: conditions of the form that all of Kubernetes has. */
final class StatusSchema {
  private StatusSchema() {}

  static Schema status() {
    return Schema.object("What the control plane says of it.")
        .field(
            "conditions",
            Schema.list("Each type stands once.", 16, condition())
                .with("x-kubernetes-list-type", "map")
                .with("x-kubernetes-list-map-keys", List.of("type")));
  }

  private static Schema condition() {
    return Schema.object("A condition.")
        .field("type", Schema.text("What it is about.").with("maxLength", 316))
        .field(
            "status",
            Schema.text("Whether it holds.").with("enum", List.of("True", "False", "Unknown")))
        .field(
            "reason", Schema.text("Why, as one word.").with("minLength", 1).with("maxLength", 1024))
        .field("message", Schema.text("Why, and the remedy.").with("maxLength", 32768))
        .field(
            "lastTransitionTime",
            Schema.text("When status last changed.").with("format", "date-time"))
        .field(
            "observedGeneration",
            Schema.bare("integer")
                .with("description", "The metadata.generation that it is about.")
                .with("format", "int64")
                .with("minimum", 0))
        .required("type", "status", "reason", "message", "lastTransitionTime");
  }
}
