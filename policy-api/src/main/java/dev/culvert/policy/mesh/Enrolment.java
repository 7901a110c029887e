// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.mesh;

import dev.culvert.policy.resource.NamespaceResource;
import dev.culvert.policy.resource.ObjectMeta;
import dev.culvert.policy.resource.PodResource;
import java.util.List;
import java.util.Optional;

/** Which pods are in the mesh. */
public final class Enrolment {
  /** The labels that say so, ours before Istio's. */
  public static final List<String> LABELS =
      List.of("culvert.dev/dataplane-mode", "istio.io/dataplane-mode");

  private static final String IN = "ambient";

  private Enrolment() {}

  /**
   * Whether a pod's connections go through the mesh. The pod's own label comes before that of its
   * namespace, so {@code none} on a pod opts out. A pod on the network of its node never is: it
   * cannot be told from the node.
   */
  public static boolean isCaptured(NamespaceResource namespace, PodResource pod) {
    return !pod.hostNetwork()
        && mode(pod.metadata()).or(() -> mode(namespace.metadata())).equals(Optional.of(IN));
  }

  /** Whether pods of the namespace are in the mesh, unless their own label says otherwise. */
  public static boolean isCaptured(NamespaceResource namespace) {
    return mode(namespace.metadata()).equals(Optional.of(IN));
  }

  private static Optional<String> mode(ObjectMeta metadata) {
    return LABELS.stream().flatMap(label -> metadata.label(label).stream()).findFirst();
  }
}
