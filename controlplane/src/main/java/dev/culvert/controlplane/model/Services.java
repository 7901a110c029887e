// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import com.google.protobuf.ByteString;
import dev.culvert.controlplane.discovery.ResourceSet;
import dev.culvert.controlplane.discovery.TypeUrl;
import dev.culvert.policy.resource.IpBlock;
import dev.culvert.policy.resource.ServicePort;
import dev.culvert.policy.resource.ServiceResource;
import dev.culvert.policy.wire.discovery.Resource;
import dev.culvert.policy.wire.workload.Address;
import dev.culvert.policy.wire.workload.IPFamilies;
import dev.culvert.policy.wire.workload.NetworkAddress;
import dev.culvert.policy.wire.workload.Port;
import dev.culvert.policy.wire.workload.Service;
import io.netty.util.NetUtil;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/** Services with their virtual addresses; a headless one has none. */
final class Services {
  private final ResourceIndex index;
  private final MeshNames names;
  private final Waypoints waypoints;

  Services(ResourceIndex index, MeshNames names, Waypoints waypoints) {
    this.index = index;
    this.names = names;
    this.waypoints = waypoints;
  }

  Stream<Resource> resources() {
    return index.services().stream().map(this::resource);
  }

  private Resource resource(ServiceResource service) {
    String name = service.metadata().name();
    String namespace = service.metadata().namespace();
    String key = names.serviceKey(namespace, name);
    Service.Builder wire =
        Service.newBuilder()
            .setName(name)
            .setNamespace(namespace)
            .setHostname(names.hostname(namespace, name))
            .setIpFamilies(families(service.clusterIps()))
            .setCanonical(true)
            .setVisibility(Visibilities.of(service.metadata()))
            .addAllPorts(ports(service.ports()));
    LoadBalancingRules.of(service, index.namespace(namespace).metadata())
        .ifPresent(wire::setLoadBalancing);
    waypoints.ofService(service.key(), service.metadata(), key).ifPresent(one -> bind(wire, one));
    return resource(wire, names, service.clusterIps().stream().map(IpBlock::of).toList());
  }

  /** Says both: who does not know of sharing goes to the first. */
  static void bind(Service.Builder wire, WaypointBinding binding) {
    wire.setWaypoint(binding.waypoint()).addAllWeightedWaypoints(binding.shared());
  }

  /** The resource of a service that is complete but for its addresses. */
  static Resource resource(Service.Builder wire, MeshNames names, Collection<IpBlock> addresses) {
    addresses.forEach(block -> wire.addAddresses(address(block, names)));
    List<String> aliases =
        addresses.stream()
            .filter(block -> !block.isRange())
            .map(block -> names.addressKey(NetUtil.toAddressString(block.address())))
            .toList();
    return ResourceSet.resource(
        TypeUrl.ADDRESS,
        wire.getNamespace() + "/" + wire.getHostname(),
        aliases,
        Address.newBuilder().setService(wire).build());
  }

  private static NetworkAddress address(IpBlock block, MeshNames names) {
    NetworkAddress.Builder address =
        NetworkAddress.newBuilder()
            .setNetwork(names.network())
            .setAddress(ByteString.copyFrom(block.address().getAddress()));
    if (block.isRange()) {
      address.setLength(block.prefix());
    }
    return address.build();
  }

  /** A target port by name differs from pod to pod: the workload says which. */
  static List<Port> ports(List<ServicePort> ports) {
    return ports.stream()
        .filter(port -> port.protocol().equals("TCP"))
        .map(
            port ->
                Port.newBuilder()
                    .setServicePort(port.port())
                    .setTargetPort(port.targetPort())
                    .setAppProtocol(AppProtocols.of(port))
                    .build())
        .toList();
  }

  private static IPFamilies families(List<InetAddress> ips) {
    boolean v4 = ips.stream().anyMatch(Inet4Address.class::isInstance);
    boolean v6 = ips.stream().anyMatch(ip -> !(ip instanceof Inet4Address));
    if (v4 && v6) {
      return IPFamilies.DUAL;
    }
    if (v4) {
      return IPFamilies.IPV4_ONLY;
    }
    return v6 ? IPFamilies.IPV6_ONLY : IPFamilies.AUTOMATIC;
  }
}
