// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import static dev.culvert.ztunnel.xds.Resources.pod;
import static dev.culvert.ztunnel.xds.Resources.ports;
import static dev.culvert.ztunnel.xds.Resources.push;
import static dev.culvert.ztunnel.xds.Resources.remove;
import static dev.culvert.ztunnel.xds.Resources.resource;
import static dev.culvert.ztunnel.xds.Resources.service;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.wire.workload.NetworkMode;
import java.net.Inet6Address;
import org.junit.jupiter.api.Test;

/** Workloads by address and by name. */
final class WorkloadLookupTest extends MeshStoreCase {
  @Test
  void workloadFoundByAddressAndName() {
    push(store, resource(pod("shop", "web", "198.18.0.1", "fd00:c01::1")));

    Workload web = store.workload("shop", "web").orElseThrow();
    assertThat(store.workload(address("198.18.0.1"))).containsSame(web);
    assertThat(store.workload(address("fd00:c01::1"))).containsSame(web);
    assertThat(web.identity()).hasToString("spiffe://cluster.local/ns/shop/sa/web");
    assertThat(web.hbone()).isTrue();
    assertThat(web.capacity()).isEqualTo(1);
  }

  @Test
  void mappedAddressMeansItsIpv4() throws Exception {
    push(store, resource(pod("shop", "web", "198.18.0.1")));
    byte[] mapped = new byte[16];
    mapped[10] = -1;
    mapped[11] = -1;
    System.arraycopy(address("198.18.0.1").getAddress(), 0, mapped, 12, 4);

    assertThat(store.workload(Inet6Address.getByAddress("", mapped, -1))).isPresent();
  }

  @Test
  void addressFollowsTheNewestPod() {
    push(store, resource(pod("shop", "old", "198.18.0.1")));
    push(store, resource(pod("shop", "new", "198.18.0.1")));
    assertThat(store.workload(address("198.18.0.1")).orElseThrow().name()).isEqualTo("new");

    remove(store, "Kubernetes//Pod/shop/old");
    assertThat(store.workload(address("198.18.0.1")).orElseThrow().name()).isEqualTo("new");
    remove(store, "Kubernetes//Pod/shop/new");
    assertThat(store.workload(address("198.18.0.1"))).isEmpty();
  }

  @Test
  void ownAddressGoesBeforeHostNetwork() {
    push(
        store,
        resource(pod("shop", "web", "198.18.0.1")),
        resource(pod("kube", "proxy", "198.18.0.1").setNetworkMode(NetworkMode.HOST_NETWORK)));

    assertThat(store.workload(address("198.18.0.1")).orElseThrow().name()).isEqualTo("web");
  }

  @Test
  void otherNetworksAreNotReachable() {
    push(
        store,
        resource(service("shop", "web", "198.18.1.1")),
        resource(
            pod("shop", "far", "198.18.0.9").setNetwork("far").putServices(WEB, ports(80, 8080))));

    assertThat(store.workload(address("198.18.0.9"))).isEmpty();
    assertThat(store.workload("far", address("198.18.0.9"))).isPresent();
    assertThat(names()).isEmpty();
  }

  @Test
  void podOfTheOwnClusterGoesBeforeItsNamesake() {
    push(
        store,
        resource(pod("shop", "web", "198.18.0.9").setUid("far//Pod/shop/web").setClusterId("far")),
        resource(pod("shop", "web", "198.18.0.1")));

    assertThat(store.workload("shop", "web").orElseThrow().place().cluster())
        .isEqualTo("Kubernetes");
    remove(store, "far//Pod/shop/web");
    assertThat(store.workload("shop", "web")).isPresent();
  }
}
