// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.ztunnel.identity.TestCertificates;
import dev.culvert.ztunnel.xds.ServicePort;
import dev.culvert.ztunnel.xds.Workload;
import dev.culvert.ztunnel.xds.Workload.Attribution;
import dev.culvert.ztunnel.xds.Workload.WorkloadType;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Workloads of namespace shop, each with a service account of its own name. */
public final class TestWorkloads {
  private TestWorkloads() {}

  public static SpiffeId identity(String name) {
    return SpiffeId.workload(TestCertificates.DOMAIN, "shop", name);
  }

  public static Workload pod(String name, String node, InetAddress address) {
    return workload(name, node, true, List.of(address), Map.of());
  }

  public static Workload plain(String name, String node, InetAddress address) {
    return workload(name, node, false, List.of(address), Map.of());
  }

  public static Workload endpoint(
      String name, String node, InetAddress address, String service, ServicePort... ports) {
    return workload(name, node, true, List.of(address), Map.of(service, List.of(ports)));
  }

  static Workload workload(
      String name,
      String node,
      boolean hbone,
      List<InetAddress> addresses,
      Map<String, List<ServicePort>> services) {
    return new Workload(
        "Kubernetes//Pod/shop/" + name,
        "shop",
        name,
        identity(name),
        addresses,
        "",
        node,
        false,
        hbone,
        true,
        1,
        List.of(),
        services,
        Optional.empty(),
        new Attribution(name, "v1", WorkloadType.DEPLOYMENT, name, "Kubernetes", "", ""));
  }
}
