// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import dev.culvert.policy.authz.PolicyKey;
import dev.culvert.policy.mesh.Enrolment;
import dev.culvert.policy.mesh.InboundBinding;
import dev.culvert.policy.mesh.NativeTunnel;
import dev.culvert.policy.resource.ObjectMeta;
import dev.culvert.policy.resource.PodPhase;
import dev.culvert.policy.resource.PodResource;
import dev.culvert.policy.translate.MeshPolicies;
import dev.culvert.policy.wire.discovery.Resource;
import dev.culvert.policy.wire.workload.ApplicationTunnel;
import dev.culvert.policy.wire.workload.NetworkMode;
import dev.culvert.policy.wire.workload.TunnelProtocol;
import dev.culvert.policy.wire.workload.Workload;
import dev.culvert.policy.wire.workload.WorkloadStatus;
import io.netty.util.NetUtil;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Pods, and endpoints of Services that are no pods, as workloads. */
final class Workloads {
  private static final String SLICE_KIND = "/discovery.k8s.io/EndpointSlice/";

  private final ResourceIndex index;
  private final Endpoints endpoints;
  private final MeshPolicies policies;
  private final Waypoints waypoints;
  private final WireWorkloads wire;

  Workloads(
      ResourceIndex index,
      Endpoints endpoints,
      MeshPolicies policies,
      Waypoints waypoints,
      WireWorkloads wire) {
    this.index = index;
    this.endpoints = endpoints;
    this.policies = policies;
    this.waypoints = waypoints;
    this.wire = wire;
  }

  /** A pod without an address cannot be reached and is left out until it has one. */
  Stream<Resource> ofPods(Collection<PodResource> pods) {
    return pods.stream().filter(pod -> !pod.podIps().isEmpty()).map(this::pod);
  }

  Stream<Resource> withoutPods() {
    return endpoints.withoutPod().stream()
        .filter(one -> !one.endpoint().addresses().isEmpty())
        .map(this::endpoint);
  }

  private Resource pod(PodResource pod) {
    ObjectMeta metadata = pod.metadata();
    WorkloadOwner owner = WorkloadOwner.of(pod);
    Workload.Builder workload =
        wire.begin(MeshNames.POD_KIND, metadata.namespace(), metadata.name())
            .addAllAddresses(WireWorkloads.bytes(pod.podIps()))
            .setServiceAccount(pod.serviceAccountName())
            .setCanonicalName(CanonicalLabels.name(metadata, owner))
            .setCanonicalRevision(CanonicalLabels.revision(metadata))
            .setWorkloadType(owner.type())
            .setWorkloadName(owner.name())
            .putAllServices(endpoints.of(pod))
            .addAllAuthorizationPolicies(selected(policies, metadata))
            .setStatus(status(takesConnections(pod)))
            .setNetworkMode(pod.hostNetwork() ? NetworkMode.HOST_NETWORK : NetworkMode.STANDARD);
    NetworkGateways.network(metadata).ifPresent(workload::setNetwork);
    Set<String> services = workload.getServicesMap().keySet();
    tunnel(workload, pod, services);
    waypoints.ofWorkload(pod.key(), metadata, services).ifPresent(workload::setWaypoint);
    wire.place(workload, pod.nodeName());
    return wire.end(workload, pod.hostNetwork() ? List.of() : pod.podIps());
  }

  private void tunnel(Workload.Builder workload, PodResource pod, Set<String> services) {
    ObjectMeta metadata = pod.metadata();
    boolean captured = Enrolment.isCaptured(index.namespace(metadata.namespace()), pod);
    boolean own =
        !captured
            && (NativeTunnel.isSaidBy(metadata.labels())
                || waypoints.isInstance(metadata, services));
    workload
        .setTunnelProtocol(captured || own ? TunnelProtocol.HBONE : TunnelProtocol.NONE)
        .setNativeTunnel(own);
    if (captured) {
      waypoints.binding(metadata).map(Workloads::tunnel).ifPresent(workload::setApplicationTunnel);
    }
  }

  private static ApplicationTunnel tunnel(InboundBinding binding) {
    return ApplicationTunnel.newBuilder()
        .setProtocol(ApplicationTunnel.Protocol.PROXY)
        .setPort(binding.port().orElse(0))
        .build();
  }

  /** The policies that pick a workload by its labels. */
  static List<String> selected(MeshPolicies policies, ObjectMeta metadata) {
    return policies.selectedPolicies(metadata.namespace(), metadata.labels()).stream()
        .map(PolicyKey::toString)
        .toList();
  }

  private Resource endpoint(SliceEndpoint one) {
    ObjectMeta slice = one.slice().metadata();
    String address = NetUtil.toAddressString(one.endpoint().addresses().getFirst());
    Workload.Builder workload =
        wire.begin(SLICE_KIND, slice.namespace(), slice.name() + "/" + address)
            .setName(slice.name())
            .addAllAddresses(WireWorkloads.bytes(one.endpoint().addresses()))
            .putServices(one.service(), one.ports())
            .setStatus(status(one.endpoint().ready() && !one.endpoint().terminating()));
    wire.place(workload, one.endpoint().nodeName());
    return wire.end(workload, one.endpoint().addresses());
  }

  private static boolean takesConnections(PodResource pod) {
    return pod.ready() && pod.phase() != PodPhase.PENDING && !pod.terminating();
  }

  static WorkloadStatus status(boolean healthy) {
    return healthy ? WorkloadStatus.HEALTHY : WorkloadStatus.UNHEALTHY;
  }
}
