// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import static dev.culvert.ztunnel.xds.Resources.ports;
import static dev.culvert.ztunnel.xds.Resources.push;
import static dev.culvert.ztunnel.xds.Resources.remove;
import static dev.culvert.ztunnel.xds.Resources.resource;
import static dev.culvert.ztunnel.xds.Resources.service;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.wire.workload.LoadBalancing;
import dev.culvert.policy.wire.workload.LoadBalancing.Mode;
import dev.culvert.policy.wire.workload.WorkloadStatus;
import org.junit.jupiter.api.Test;

/** Which endpoints of a service a connection may get. */
final class ServiceEndpointsTest extends MeshStoreCase {
  @Test
  void readyEndpointsOfAService() {
    push(
        store,
        resource(endpoint("a", "198.18.0.1")),
        resource(service("shop", "web", "198.18.1.1", "fd00:c01::1:1")),
        resource(endpoint("b", "198.18.0.2").setStatus(WorkloadStatus.UNHEALTHY)));

    assertThat(byVip("198.18.1.1")).contains(web());
    assertThat(byVip("fd00:c01::1:1")).contains(web());
    assertThat(names()).containsExactly("a");

    push(store, resource(endpoint("b", "198.18.0.2")));
    assertThat(names()).containsExactlyInAnyOrder("a", "b");

    remove(store, "Kubernetes//Pod/shop/a");
    assertThat(names()).containsExactly("b");
  }

  @Test
  void unreadyEndpointsWhereTheServiceTakesThem() {
    push(
        store,
        resource(
            service("shop", "web", "198.18.1.1")
                .setLoadBalancing(
                    LoadBalancing.newBuilder()
                        .setHealthPolicy(LoadBalancing.HealthPolicy.ALLOW_ALL))),
        resource(endpoint("a", "198.18.0.1").setStatus(WorkloadStatus.UNHEALTHY)));

    assertThat(names()).containsExactly("a");
  }

  @Test
  void nearestEndpointsPreferred() {
    push(
        store,
        resource(preferring(Mode.FAILOVER)),
        resource(endpoint("near", "198.18.0.1").setNode("one")),
        resource(endpoint("far", "198.18.0.2").setNode("two")));
    assertThat(names()).containsExactly("near");

    push(
        store,
        resource(
            endpoint("near", "198.18.0.1").setNode("one").setStatus(WorkloadStatus.UNHEALTHY)));
    assertThat(names()).containsExactly("far");
  }

  @Test
  void onlyLocalEndpointsWhenThatIsDemanded() {
    push(
        store,
        resource(preferring(Mode.STRICT)),
        resource(endpoint("far", "198.18.0.2").setNode("two")));

    assertThat(names()).isEmpty();
  }

  @Test
  void unreadyPodOfOneServiceDoesNotLeakIntoItsOthers() {
    String other = "shop/api.shop.svc.cluster.local";
    push(
        store,
        resource(service("shop", "web", "198.18.1.1")),
        resource(
            service("shop", "api", "198.18.1.2")
                .setLoadBalancing(
                    LoadBalancing.newBuilder()
                        .setHealthPolicy(LoadBalancing.HealthPolicy.ALLOW_ALL))),
        resource(
            endpoint("a", "198.18.0.1")
                .putServices(other, ports(80, 8080))
                .setStatus(WorkloadStatus.UNHEALTHY)));

    assertThat(names()).isEmpty();
    Service api = store.serviceByHostname("shop", "api.shop.svc.cluster.local").orElseThrow();
    assertThat(store.endpoints(api).all()).hasSize(1);
  }

  @Test
  void serviceThatGoesTakesItsEndpointsAlong() {
    push(
        store,
        resource(endpoint("a", "198.18.0.1")),
        resource(service("shop", "web", "198.18.1.1")));
    Service web = web();
    remove(store, "shop/web.shop.svc.cluster.local");

    assertThat(store.endpoints(web).all()).isEmpty();
    push(store, resource(service("shop", "web", "198.18.1.1")));
    assertThat(names()).containsExactly("a");
  }
}
