// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import com.google.protobuf.ByteString;
import dev.culvert.controlplane.discovery.ResourceSet;
import dev.culvert.controlplane.discovery.TypeUrl;
import dev.culvert.policy.authz.PolicyKey;
import dev.culvert.policy.mesh.Enrolment;
import dev.culvert.policy.resource.ObjectMeta;
import dev.culvert.policy.resource.PodPhase;
import dev.culvert.policy.resource.PodResource;
import dev.culvert.policy.translate.MeshPolicies;
import dev.culvert.policy.wire.discovery.Resource;
import dev.culvert.policy.wire.workload.Address;
import dev.culvert.policy.wire.workload.Locality;
import dev.culvert.policy.wire.workload.NetworkMode;
import dev.culvert.policy.wire.workload.TunnelProtocol;
import dev.culvert.policy.wire.workload.Workload;
import dev.culvert.policy.wire.workload.WorkloadStatus;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/** Pods, and endpoints that are no pods, as workloads. */
final class Workloads {
  private static final String SLICE_KIND = "/discovery.k8s.io/EndpointSlice/";
  private static final String REGION = "topology.kubernetes.io/region";
  private static final String ZONE = "topology.kubernetes.io/zone";
  private static final String SUBZONE = "topology.istio.io/subzone";

  private final ResourceIndex index;
  private final MeshNames names;
  private final Endpoints endpoints;
  private final MeshPolicies policies;

  Workloads(ResourceIndex index, MeshNames names, Endpoints endpoints, MeshPolicies policies) {
    this.index = index;
    this.names = names;
    this.endpoints = endpoints;
    this.policies = policies;
  }

  /** A pod without an address cannot be reached and is left out until it has one. */
  Stream<Resource> resources() {
    return Stream.concat(
        index.pods().stream().filter(pod -> !pod.podIps().isEmpty()).map(this::pod),
        endpoints.withoutPod().stream()
            .filter(one -> !one.endpoint().addresses().isEmpty())
            .map(this::endpoint));
  }

  private Resource pod(PodResource pod) {
    WorkloadOwner owner = WorkloadOwner.of(pod);
    boolean captured = Enrolment.isCaptured(index.namespace(pod), pod);
    Workload.Builder workload =
        Workload.newBuilder()
            .setUid(names.cluster() + "//Pod/" + ResourceIndex.name(pod.metadata()))
            .setName(pod.metadata().name())
            .setNamespace(pod.metadata().namespace())
            .addAllAddresses(bytes(pod.podIps()))
            .setTunnelProtocol(captured ? TunnelProtocol.HBONE : TunnelProtocol.NONE)
            .setTrustDomain(names.wireTrustDomain())
            .setServiceAccount(pod.serviceAccountName())
            .setNode(pod.nodeName())
            .setCanonicalName(CanonicalLabels.name(pod.metadata(), owner))
            .setCanonicalRevision(CanonicalLabels.revision(pod.metadata()))
            .setWorkloadType(owner.type())
            .setWorkloadName(owner.name())
            .putAllServices(endpoints.of(pod))
            .addAllAuthorizationPolicies(selected(pod))
            .setStatus(status(takesConnections(pod)))
            .setNetworkMode(pod.hostNetwork() ? NetworkMode.HOST_NETWORK : NetworkMode.STANDARD);
    return resource(workload, pod.nodeName(), pod.hostNetwork() ? List.of() : pod.podIps());
  }

  private List<String> selected(PodResource pod) {
    ObjectMeta metadata = pod.metadata();
    return policies.selectedPolicies(metadata.namespace(), metadata.labels()).stream()
        .map(PolicyKey::toString)
        .toList();
  }

  private Resource endpoint(SliceEndpoint one) {
    String slice = ResourceIndex.name(one.slice().metadata());
    String address = NetUtil.toAddressString(one.endpoint().addresses().getFirst());
    Workload.Builder workload =
        Workload.newBuilder()
            .setUid(names.cluster() + SLICE_KIND + slice + "/" + address)
            .setName(one.slice().metadata().name())
            .setNamespace(one.slice().metadata().namespace())
            .addAllAddresses(bytes(one.endpoint().addresses()))
            .setTrustDomain(names.wireTrustDomain())
            .setNode(one.endpoint().nodeName())
            .putServices(one.service(), one.ports())
            .setStatus(status(one.endpoint().ready() && !one.endpoint().terminating()));
    return resource(workload, one.endpoint().nodeName(), one.endpoint().addresses());
  }

  private Resource resource(
      Workload.Builder workload, String node, Collection<InetAddress> reachableBy) {
    workload.setClusterId(names.cluster()).setNetwork(names.network());
    locality(workload, node);
    List<String> aliases =
        reachableBy.stream().map(ip -> names.addressKey(NetUtil.toAddressString(ip))).toList();
    return ResourceSet.resource(
        TypeUrl.ADDRESS,
        workload.getUid(),
        aliases,
        Address.newBuilder().setWorkload(workload).build());
  }

  private void locality(Workload.Builder workload, String node) {
    Locality locality =
        Locality.newBuilder()
            .setRegion(index.nodeLabel(node, REGION))
            .setZone(index.nodeLabel(node, ZONE))
            .setSubzone(index.nodeLabel(node, SUBZONE))
            .build();
    if (!locality.equals(Locality.getDefaultInstance())) {
      workload.setLocality(locality);
    }
  }

  private static boolean takesConnections(PodResource pod) {
    return pod.ready() && pod.phase() != PodPhase.PENDING && !pod.terminating();
  }

  private static WorkloadStatus status(boolean healthy) {
    return healthy ? WorkloadStatus.HEALTHY : WorkloadStatus.UNHEALTHY;
  }

  private static List<ByteString> bytes(Collection<InetAddress> addresses) {
    return addresses.stream().map(address -> ByteString.copyFrom(address.getAddress())).toList();
  }
}
