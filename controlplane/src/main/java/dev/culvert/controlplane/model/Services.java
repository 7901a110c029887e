// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import com.google.protobuf.ByteString;
import dev.culvert.controlplane.discovery.ResourceSet;
import dev.culvert.controlplane.discovery.TypeUrl;
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
import java.util.List;

/** Services with their virtual addresses; a headless one has none. */
final class Services {
  private final MeshNames names;

  Services(MeshNames names) {
    this.names = names;
  }

  Resource resource(ServiceResource service) {
    String name = service.metadata().name();
    String namespace = service.metadata().namespace();
    Service.Builder wire =
        Service.newBuilder()
            .setName(name)
            .setNamespace(namespace)
            .setHostname(names.hostname(namespace, name))
            .addAllAddresses(service.clusterIps().stream().map(this::address).toList())
            .setIpFamilies(families(service.clusterIps()));
    service.ports().stream()
        .filter(port -> port.protocol().equals("TCP"))
        .forEach(port -> wire.addPorts(port(port)));
    LoadBalancingRules.of(service).ifPresent(wire::setLoadBalancing);
    List<String> aliases =
        service.clusterIps().stream()
            .map(ip -> names.addressKey(NetUtil.toAddressString(ip)))
            .toList();
    return ResourceSet.resource(
        TypeUrl.ADDRESS,
        names.serviceKey(namespace, name),
        aliases,
        Address.newBuilder().setService(wire).build());
  }

  private NetworkAddress address(InetAddress ip) {
    return NetworkAddress.newBuilder()
        .setNetwork(names.network())
        .setAddress(ByteString.copyFrom(ip.getAddress()))
        .build();
  }

  /** A target port by name differs from pod to pod: the workload says which. */
  private static Port port(ServicePort port) {
    return Port.newBuilder()
        .setServicePort(port.port())
        .setTargetPort(port.targetPort())
        .setAppProtocol(AppProtocols.of(port))
        .build();
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
