// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import com.google.protobuf.ByteString;
import dev.culvert.controlplane.discovery.ResourceSet;
import dev.culvert.controlplane.discovery.TypeUrl;
import dev.culvert.policy.wire.discovery.Resource;
import dev.culvert.policy.wire.workload.Address;
import dev.culvert.policy.wire.workload.Locality;
import dev.culvert.policy.wire.workload.Workload;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.Collection;
import java.util.List;

/** What all workloads have in common on the wire. */
final class WireWorkloads {
  private static final String REGION = "topology.kubernetes.io/region";
  private static final String ZONE = "topology.kubernetes.io/zone";
  private static final String SUBZONE = "topology.istio.io/subzone";

  private final ResourceIndex index;
  private final MeshNames names;
  private final NetworkGateways gateways;

  WireWorkloads(ResourceIndex index, MeshNames names, NetworkGateways gateways) {
    this.index = index;
    this.names = names;
    this.gateways = gateways;
  }

  /**
   * A workload of this cluster and network.
   *
   * @param kind with slashes around it, for example {@code //Pod/}
   */
  Workload.Builder begin(String kind, String namespace, String name) {
    return Workload.newBuilder()
        .setUid(names.cluster() + kind + namespace + "/" + name)
        .setName(name)
        .setNamespace(namespace)
        .setTrustDomain(names.wireTrustDomain())
        .setClusterId(names.cluster())
        .setNetwork(names.network());
  }

  /**
   * The resource of a workload that is complete but for the way into its network.
   *
   * @param reachableBy the addresses that it may be asked for by
   */
  Resource end(Workload.Builder workload, Collection<InetAddress> reachableBy) {
    String network = workload.getNetwork();
    gateways.of(network).ifPresent(workload::setNetworkGateway);
    List<String> aliases =
        reachableBy.stream().map(ip -> network + "/" + NetUtil.toAddressString(ip)).toList();
    return ResourceSet.resource(
        TypeUrl.ADDRESS,
        workload.getUid(),
        aliases,
        Address.newBuilder().setWorkload(workload).build());
  }

  /** Says where the node is. */
  void place(Workload.Builder workload, String node) {
    workload.setNode(node);
    place(
        workload,
        index.nodeLabel(node, REGION),
        index.nodeLabel(node, ZONE),
        index.nodeLabel(node, SUBZONE));
  }

  static void place(Workload.Builder workload, String region, String zone, String subzone) {
    Locality locality =
        Locality.newBuilder().setRegion(region).setZone(zone).setSubzone(subzone).build();
    if (!locality.equals(Locality.getDefaultInstance())) {
      workload.setLocality(locality);
    }
  }

  static List<ByteString> bytes(Collection<InetAddress> addresses) {
    return addresses.stream().map(address -> ByteString.copyFrom(address.getAddress())).toList();
  }
}
