// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.ztunnel.identity.TestCertificates;
import dev.culvert.ztunnel.xds.ServicePort;
import dev.culvert.ztunnel.xds.Workload;
import java.net.InetAddress;

/** Workloads of namespace shop, each with a service account of its own name. */
public final class TestWorkloads {
  private TestWorkloads() {}

  public static SpiffeId identity(String name) {
    return SpiffeId.workload(TestCertificates.DOMAIN, "shop", name);
  }

  public static Workload pod(String name, String node, InetAddress... addresses) {
    return new TestWorkload(name).on(node).at(addresses).build();
  }

  public static Workload plain(String name, String node, InetAddress address) {
    return new TestWorkload(name).on(node).at(address).plain().build();
  }

  public static Workload endpoint(
      String name, String node, InetAddress address, String service, ServicePort... ports) {
    return new TestWorkload(name).on(node).at(address).behind(service, ports).build();
  }
}
