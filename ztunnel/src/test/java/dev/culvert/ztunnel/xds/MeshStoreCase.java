// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import static dev.culvert.ztunnel.xds.Resources.pod;
import static dev.culvert.ztunnel.xds.Resources.ports;
import static dev.culvert.ztunnel.xds.Resources.service;

import dev.culvert.policy.wire.workload.LoadBalancing;
import dev.culvert.policy.wire.workload.LoadBalancing.Mode;
import dev.culvert.policy.wire.workload.LoadBalancing.Scope;
import dev.culvert.ztunnel.capture.TestWorkload;
import dev.culvert.ztunnel.xds.EndpointSet.Purpose;
import java.net.InetAddress;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/** A store, and web, the service that most pods of it stand behind. */
abstract class MeshStoreCase {
  static final String WEB = "shop/web.shop.svc.cluster.local";

  private final Random random = new Random(1);
  final MeshStore store = new MeshStore("Kubernetes", "");

  final Service web() {
    return store.serviceByHostname("shop", "web.shop.svc.cluster.local").orElseThrow();
  }

  static dev.culvert.policy.wire.workload.Workload.Builder endpoint(String name, String address) {
    return pod("shop", name, address).putServices(WEB, ports(80, 8080));
  }

  static dev.culvert.policy.wire.workload.Service.Builder preferring(Mode mode) {
    return service("shop", "web", "198.18.1.1")
        .setLoadBalancing(
            LoadBalancing.newBuilder().setMode(mode).addRoutingPreference(Scope.NODE));
  }

  /** Those that a client on this node would get. */
  final Set<String> names() {
    Workload client = new TestWorkload("client").on("one").at(address("198.18.0.100")).build();
    Set<String> names = new TreeSet<>();
    for (int i = 0; i < 50; i++) {
      store
          .endpoints(web())
          .draw(client, address("198.18.1.1"), 80, Purpose.APP, random)
          .ifPresent(one -> names.add(one.workload().name()));
    }
    return names;
  }

  final Optional<Service> byVip(String address) {
    return store.serviceByVip(address(address), "shop");
  }

  static InetAddress address(String literal) {
    return InetAddress.ofLiteral(literal);
  }
}
