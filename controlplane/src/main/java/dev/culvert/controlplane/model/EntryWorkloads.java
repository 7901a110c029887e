// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import com.google.protobuf.UInt32Value;
import dev.culvert.policy.mesh.NativeTunnel;
import dev.culvert.policy.resource.ObjectMeta;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.ServiceEntryResource;
import dev.culvert.policy.resource.WorkloadEntryResource;
import dev.culvert.policy.resource.WorkloadEntrySpec;
import dev.culvert.policy.translate.MeshPolicies;
import dev.culvert.policy.wire.discovery.Resource;
import dev.culvert.policy.wire.workload.PortList;
import dev.culvert.policy.wire.workload.TunnelProtocol;
import dev.culvert.policy.wire.workload.Workload;
import dev.culvert.policy.wire.workload.WorkloadType;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Stream;

/** Workloads outside of Kubernetes: entries, endpoints of service entries, gateways of networks. */
final class EntryWorkloads {
  private static final String WORKLOAD_KIND = "/networking.istio.io/WorkloadEntry/";
  private static final String SERVICE_KIND = "/networking.istio.io/ServiceEntry/";
  private static final String GATEWAY_KIND = "/gateway.networking.k8s.io/Gateway/";

  private final ResourceIndex index;
  private final Endpoints endpoints;
  private final MeshPolicies policies;
  private final Waypoints waypoints;
  private final NetworkGateways gateways;
  private final WireWorkloads wire;

  /**
   * What is said of a workload.
   *
   * @param metadata with the labels that policies and telemetry look at
   * @param own with the labels that may name its waypoint
   */
  private record Said(
      ResourceKey key,
      ObjectMeta metadata,
      ObjectMeta own,
      WorkloadEntrySpec spec,
      SortedMap<String, PortList> services) {}

  EntryWorkloads(
      ResourceIndex index,
      Endpoints endpoints,
      MeshPolicies policies,
      Waypoints waypoints,
      NetworkGateways gateways,
      WireWorkloads wire) {
    this.index = index;
    this.endpoints = endpoints;
    this.policies = policies;
    this.waypoints = waypoints;
    this.gateways = gateways;
    this.wire = wire;
  }

  Stream<Resource> resources() {
    return Stream.of(
            index.workloadEntries().stream()
                .filter(entry -> !endpoints.isPod(entry.spec()))
                .map(this::entry),
            index.serviceEntries().stream().flatMap(this::endpoints),
            gateways.all().stream()
                .filter(one -> index.namespaces().contains(one.gateway().namespace()))
                .map(this::gateway))
        .flatMap(each -> each);
  }

  private Resource entry(WorkloadEntryResource entry) {
    ObjectMeta metadata = entry.metadata();
    Workload.Builder workload =
        wire.begin(WORKLOAD_KIND, metadata.namespace(), metadata.name())
            .setStatus(Workloads.status(entry.healthy()));
    ObjectMeta labelled = labelled(metadata, entry.labels());
    return describe(
        workload, new Said(entry.key(), labelled, labelled, entry.spec(), endpoints.of(entry)));
  }

  /** Two endpoints may have one address and different ports: the second has its place as name. */
  private Stream<Resource> endpoints(ServiceEntryResource entry) {
    Stream<Resource> implied =
        entry.hosts().stream()
            .flatMap(host -> entry.resolvedHost(host).stream())
            .map(host -> resolved(entry, host));
    Set<String> taken = new HashSet<>();
    Stream.Builder<Resource> written = Stream.builder();
    for (int i = 0; i < entry.endpoints().size(); i++) {
      WorkloadEntrySpec spec = entry.endpoints().get(i);
      if (!endpoints.isPod(spec)) {
        String name = spec.ip().map(NetUtil::toAddressString).orElse(spec.hostname());
        written.add(written(entry, spec, taken.add(name) ? name : name + "/" + i));
      }
    }
    return Stream.concat(implied, written.build());
  }

  private Resource written(ServiceEntryResource entry, WorkloadEntrySpec spec, String name) {
    ObjectMeta metadata = entry.metadata();
    Map<String, String> labels = new HashMap<>(metadata.labels());
    labels.putAll(spec.labels());
    return describe(
        endpoint(metadata, name),
        new Said(
            entry.key(),
            labelled(metadata, labels),
            labelled(metadata, spec.labels()),
            spec,
            endpoints.of(entry, spec)));
  }

  /** No waypoint: what is asked for is the service, and this only says where DNS knows it. */
  private Resource resolved(ServiceEntryResource entry, String host) {
    Workload.Builder workload =
        endpoint(entry.metadata(), host)
            .setHostname(host)
            .putAllServices(endpoints.of(entry, host));
    attribute(workload, entry.metadata());
    return wire.end(workload, List.of());
  }

  private Workload.Builder endpoint(ObjectMeta entry, String name) {
    return wire.begin(SERVICE_KIND, entry.namespace(), entry.name() + "/" + name)
        .setName(entry.name());
  }

  private Resource describe(Workload.Builder workload, Said said) {
    WorkloadEntrySpec spec = said.spec();
    List<InetAddress> ips = spec.ip().stream().toList();
    workload
        .addAllAddresses(WireWorkloads.bytes(ips))
        .setHostname(spec.hostname())
        .setServiceAccount(spec.serviceAccount())
        .putAllServices(said.services())
        .addAllAuthorizationPolicies(Workloads.selected(policies, said.metadata()));
    if (!spec.network().isEmpty()) {
      workload.setNetwork(spec.network());
    }
    spec.weight().map(UInt32Value::of).ifPresent(workload::setCapacity);
    locality(workload, spec.locality());
    attribute(workload, said.metadata());
    tunnel(workload, said);
    return wire.end(workload, ips);
  }

  private void tunnel(Workload.Builder workload, Said said) {
    Set<String> services = said.services().keySet();
    if (NativeTunnel.isSaidBy(said.metadata().labels())
        || waypoints.isInstance(said.own(), services)) {
      workload.setTunnelProtocol(TunnelProtocol.HBONE).setNativeTunnel(true);
    }
    waypoints.ofWorkload(said.key(), said.own(), services).ifPresent(workload::setWaypoint);
  }

  private static void attribute(Workload.Builder workload, ObjectMeta metadata) {
    WorkloadOwner owner = new WorkloadOwner(WorkloadType.POD, metadata.name());
    workload
        .setWorkloadType(owner.type())
        .setWorkloadName(owner.name())
        .setCanonicalName(CanonicalLabels.name(metadata, owner))
        .setCanonicalRevision(CanonicalLabels.revision(metadata));
  }

  private static void locality(Workload.Builder workload, String written) {
    String[] parts = (written + "//").split("/", -1);
    WireWorkloads.place(workload, parts[0], parts[1], parts[2]);
  }

  private Resource gateway(NetworkGateways.Entrance entrance) {
    ObjectMeta metadata = entrance.gateway();
    List<InetAddress> ips = List.of(entrance.ip());
    Workload.Builder workload =
        wire.begin(GATEWAY_KIND, metadata.namespace(), metadata.name())
            .setNetwork(entrance.network())
            .addAllAddresses(WireWorkloads.bytes(ips))
            .setServiceAccount(entrance.account())
            .setTunnelProtocol(TunnelProtocol.HBONE)
            .setNativeTunnel(true);
    attribute(workload, metadata);
    return wire.end(workload, ips);
  }

  private static ObjectMeta labelled(ObjectMeta metadata, Map<String, String> labels) {
    return new ObjectMeta(
        metadata.namespace(),
        metadata.name(),
        metadata.uid(),
        labels,
        metadata.annotations(),
        Optional.empty());
  }
}
