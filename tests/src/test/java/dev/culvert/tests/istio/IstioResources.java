// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.istio;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.culvert.cli.lab.LabPod;
import dev.culvert.policy.wire.discovery.Resource;
import dev.culvert.policy.wire.workload.Address;
import dev.culvert.policy.wire.workload.NetworkAddress;
import dev.culvert.policy.wire.workload.Port;
import dev.culvert.policy.wire.workload.PortList;
import dev.culvert.policy.wire.workload.Service;
import dev.culvert.policy.wire.workload.TunnelProtocol;
import dev.culvert.policy.wire.workload.Workload;
import dev.culvert.tests.mesh.Mesh;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** The pods of a lab and its service, as istiod tells them. */
final class IstioResources {
  private static final String ADDRESS = "type.googleapis.com/istio.workload.Address";

  private IstioResources() {}

  /**
   * By their type.
   *
   * @param enrolled the pods that have tunnels
   * @param port of the one that the service has
   */
  static Map<String, List<Resource>> of(Collection<LabPod> pods, List<String> enrolled, int port) {
    List<Resource> resources = new ArrayList<>();
    for (LabPod pod : pods) {
      resources.add(workload(pod, enrolled.contains(pod.name()), port));
    }
    resources.add(service(port));
    return Map.of(ADDRESS, resources);
  }

  private static Resource workload(LabPod pod, boolean tunnel, int port) {
    Workload.Builder workload =
        Workload.newBuilder()
            .setUid("Kubernetes//Pod/mesh/" + pod.name())
            .setName(pod.name())
            .setNamespace(Mesh.NAMESPACE)
            .setServiceAccount(pod.name())
            .setTrustDomain("cluster.local")
            .setClusterId("Kubernetes")
            .setNode(pod.node().name())
            .setTunnelProtocol(tunnel ? TunnelProtocol.HBONE : TunnelProtocol.NONE)
            .addAddresses(bytes(pod.ip4()))
            .addAddresses(bytes(pod.ip6()));
    if (pod.name().equals("server")) {
      workload.putServices(
          "mesh/" + Mesh.SERVICE_HOST,
          PortList.newBuilder()
              .addPorts(Port.newBuilder().setServicePort(80).setTargetPort(port))
              .build());
    }
    return resource(workload.getUid(), Address.newBuilder().setWorkload(workload).build());
  }

  private static Resource service(int port) {
    Service service =
        Service.newBuilder()
            .setName(Mesh.SERVICE)
            .setNamespace(Mesh.NAMESPACE)
            .setHostname(Mesh.SERVICE_HOST)
            .addAddresses(NetworkAddress.newBuilder().setAddress(bytes(Mesh.SERVICE_ADDRESS)))
            .addPorts(Port.newBuilder().setServicePort(80).setTargetPort(port))
            .build();
    return resource("mesh/" + Mesh.SERVICE_HOST, Address.newBuilder().setService(service).build());
  }

  private static Resource resource(String name, Message message) {
    return Resource.newBuilder()
        .setName(name)
        .setVersion("1")
        .setResource(Any.newBuilder().setTypeUrl(ADDRESS).setValue(message.toByteString()))
        .build();
  }

  private static ByteString bytes(String address) {
    return ByteString.copyFrom(InetAddress.ofLiteral(address).getAddress());
  }
}
