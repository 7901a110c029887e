// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A pod.
 *
 * @param nodeName where it runs; empty while it is not scheduled
 * @param serviceAccountName {@code default} when not written
 * @param hostNetwork whether it shares the network of its node
 * @param podIps its addresses, the first one first
 * @param ready its Ready condition; true when it has none
 * @param terminating whether it is being deleted
 * @param ports the ports its containers declare
 * @param owners what made it, for example a ReplicaSet
 */
public record PodResource(
    ObjectMeta metadata,
    String nodeName,
    String serviceAccountName,
    boolean hostNetwork,
    PodPhase phase,
    List<InetAddress> podIps,
    boolean ready,
    boolean terminating,
    List<ContainerPort> ports,
    List<OwnerReference> owners)
    implements Resource {

  /** The annotation that names the network namespace of a local pod. */
  public static final String NETNS_ANNOTATION = "culvert.dev/netns";

  /** Of an object that stands for a pod which the kubelet runs from a file of its node. */
  private static final String MIRROR_ANNOTATION = "kubernetes.io/config.mirror";

  public PodResource {
    podIps = List.copyOf(podIps);
    ports = List.copyOf(ports);
    owners = List.copyOf(owners);
  }

  @Override
  public String kind() {
    return "Pod";
  }

  /** The network namespace of a local pod, from its annotation. */
  public Optional<Path> netns() {
    return metadata.annotation(NETNS_ANNOTATION).map(Path::of);
  }

  /**
   * The uid by which the kubelet and the container runtime name it. A static pod has that of its
   * file; the object that mirrors it has another one.
   */
  public String runtimeUid() {
    return metadata.annotation(MIRROR_ANNOTATION).orElse(metadata.uid());
  }

  /** Whether all its containers have ended for good. */
  public boolean isFinished() {
    return phase == PodPhase.SUCCEEDED || phase == PodPhase.FAILED;
  }
}
