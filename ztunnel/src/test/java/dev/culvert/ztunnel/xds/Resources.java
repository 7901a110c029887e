// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryResponse;
import dev.culvert.policy.wire.discovery.Resource;
import dev.culvert.policy.wire.security.Action;
import dev.culvert.policy.wire.security.Authorization;
import dev.culvert.policy.wire.security.Scope;
import dev.culvert.policy.wire.workload.Address;
import dev.culvert.policy.wire.workload.NetworkAddress;
import dev.culvert.policy.wire.workload.Port;
import dev.culvert.policy.wire.workload.PortList;
import dev.culvert.policy.wire.workload.TunnelProtocol;
import dev.culvert.policy.wire.workload.Workload;
import java.net.InetAddress;
import java.util.List;

/** Messages as a control plane sends them; also fills a store for other packages' tests. */
public final class Resources {
  public static final String ADDRESS = "type.googleapis.com/istio.workload.Address";
  public static final String AUTHORIZATION = "type.googleapis.com/istio.security.Authorization";

  private Resources() {}

  public static Workload.Builder pod(String namespace, String name, String... addresses) {
    Workload.Builder pod =
        Workload.newBuilder()
            .setUid("Kubernetes//Pod/%s/%s".formatted(namespace, name))
            .setNamespace(namespace)
            .setName(name)
            .setServiceAccount(name)
            .setNode("one")
            .setClusterId("Kubernetes")
            .setCanonicalName(name)
            .setCanonicalRevision("v1")
            .setWorkloadName(name + "-deployment")
            .setTunnelProtocol(TunnelProtocol.HBONE);
    for (String address : addresses) {
      pod.addAddresses(ip(address));
    }
    return pod;
  }

  public static dev.culvert.policy.wire.workload.Service.Builder service(
      String namespace, String name, String... vips) {
    var service =
        dev.culvert.policy.wire.workload.Service.newBuilder()
            .setNamespace(namespace)
            .setName(name)
            .setHostname("%s.%s.svc.cluster.local".formatted(name, namespace))
            .addPorts(Port.newBuilder().setServicePort(80).setTargetPort(8080));
    for (String vip : vips) {
      service.addAddresses(NetworkAddress.newBuilder().setAddress(ip(vip)));
    }
    return service;
  }

  public static PortList ports(int servicePort, int targetPort) {
    return PortList.newBuilder()
        .addPorts(Port.newBuilder().setServicePort(servicePort).setTargetPort(targetPort))
        .build();
  }

  /** Denies all of a namespace: an ALLOW policy that never matches. */
  public static Authorization denyAll(String namespace, String name) {
    return Authorization.newBuilder()
        .setNamespace(namespace)
        .setName(name)
        .setScope(Scope.NAMESPACE)
        .setAction(Action.ALLOW)
        .build();
  }

  public static Resource resource(Workload.Builder pod) {
    Address address = Address.newBuilder().setWorkload(pod).build();
    return resource(pod.getUid(), address);
  }

  public static Resource resource(dev.culvert.policy.wire.workload.Service.Builder service) {
    Address address = Address.newBuilder().setService(service).build();
    return resource(service.getNamespace() + "/" + service.getHostname(), address);
  }

  public static Resource resource(Authorization policy) {
    return resource(policy.getNamespace() + "/" + policy.getName(), policy);
  }

  public static Resource resource(String name, Message message) {
    return Resource.newBuilder()
        .setName(name)
        .setVersion("v" + Integer.toHexString(message.hashCode()))
        .setResource(Any.pack(message))
        .build();
  }

  public static DeltaDiscoveryResponse response(String type, String nonce, Resource... resources) {
    return DeltaDiscoveryResponse.newBuilder()
        .setTypeUrl(type)
        .setNonce(nonce)
        .addAllResources(List.of(resources))
        .build();
  }

  public static ByteString ip(String literal) {
    return ByteString.copyFrom(InetAddress.ofLiteral(literal).getAddress());
  }

  /** Applies to a store as if the control plane had pushed it. */
  public static void push(MeshStore store, Resource... resources) {
    List<Resource> all = List.of(resources);
    store.addressSink().apply(only(all, ADDRESS), List.of());
    store.authorizationSink().apply(only(all, AUTHORIZATION), List.of());
  }

  public static void remove(MeshStore store, String... names) {
    store.addressSink().apply(List.of(), List.of(names));
    store.authorizationSink().apply(List.of(), List.of(names));
  }

  private static List<Resource> only(List<Resource> all, String type) {
    return all.stream().filter(r -> r.getResource().getTypeUrl().equals(type)).toList();
  }
}
