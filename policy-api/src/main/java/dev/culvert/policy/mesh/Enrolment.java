// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.mesh;

import dev.culvert.policy.resource.NamespaceResource;
import dev.culvert.policy.resource.ObjectMeta;
import dev.culvert.policy.resource.PodResource;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Which pods are in the mesh. */
public final class Enrolment {
  /** The labels that say so, ours before Istio's. */
  public static final List<String> LABELS =
      List.of("culvert.dev/dataplane-mode", "istio.io/dataplane-mode");

  /** Of the cluster itself: what is in them must run before any mesh can. */
  public static final Set<String> EXCLUDED =
      Set.of("kube-system", "kube-public", "kube-node-lease");

  /** On a pod whose connections are redirected, as Istio's tools look for it. */
  public static final String REDIRECTION_ANNOTATION = "ambient.istio.io/redirection";

  /** Its value. */
  public static final String REDIRECTED = "enabled";

  private static final String IN = "ambient";

  private Enrolment() {}

  /**
   * Whether a pod's connections go through the mesh. The pod's own label comes before that of its
   * namespace, so {@code none} on a pod opts out. A pod on the network of its node never is: it
   * cannot be told from the node.
   */
  public static boolean isCaptured(NamespaceResource namespace, PodResource pod) {
    return isAsked(namespace, pod) && leftAlone(namespace, pod).isEmpty();
  }

  /** Whether pods of the namespace are in the mesh, unless their own label says otherwise. */
  public static boolean isCaptured(NamespaceResource namespace) {
    return mode(namespace.metadata()).equals(Optional.of(IN))
        && !EXCLUDED.contains(namespace.metadata().name());
  }

  /** Why a pod that labels ask into the mesh is not in it; empty for all others. */
  public static Optional<String> leftAlone(NamespaceResource namespace, PodResource pod) {
    if (!isAsked(namespace, pod)) {
      return Optional.empty();
    }
    if (pod.hostNetwork()) {
      return Optional.of(
          "it has the network of its node (hostNetwork), and cannot be told from the node");
    }
    String name = pod.metadata().namespace();
    return EXCLUDED.contains(name)
        ? Optional.of(
            "pods of namespace %s are never in the mesh, which needs them".formatted(name))
        : Optional.empty();
  }

  private static boolean isAsked(NamespaceResource namespace, PodResource pod) {
    return mode(pod.metadata()).or(() -> mode(namespace.metadata())).equals(Optional.of(IN));
  }

  private static Optional<String> mode(ObjectMeta metadata) {
    return LABELS.stream().flatMap(label -> metadata.label(label).stream()).findFirst();
  }
}
