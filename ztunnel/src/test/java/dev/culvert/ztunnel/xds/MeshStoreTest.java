// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import static dev.culvert.ztunnel.xds.Resources.denyAll;
import static dev.culvert.ztunnel.xds.Resources.pod;
import static dev.culvert.ztunnel.xds.Resources.push;
import static dev.culvert.ztunnel.xds.Resources.remove;
import static dev.culvert.ztunnel.xds.Resources.resource;
import static dev.culvert.ztunnel.xds.Resources.service;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.culvert.policy.authz.PolicyKey;
import dev.culvert.policy.wire.discovery.Resource;
import dev.culvert.policy.wire.workload.Address;
import dev.culvert.policy.wire.workload.PortList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What the store takes of a push, and who hears of it. */
final class MeshStoreTest extends MeshStoreCase {
  @Test
  void badResourcesRejectedOneByOne() {
    Resource broken = resource("shop/broken", denyAll("shop", "not an address"));
    Resource badAddress =
        resource(pod("shop", "odd").addAddresses(ByteString.copyFrom(new byte[] {1, 2, 3})));
    Resource empty = resource("empty", Address.getDefaultInstance());
    Resource badName = resource(pod("shop", "bad").setServiceAccount("no such/name"));
    Resource good = resource(pod("shop", "web", "198.18.0.1"));
    var rejected =
        store.addressSink().apply(List.of(broken, badAddress, good, empty, badName), List.of());

    assertThat(rejected)
        .extracting(ResourceSink.Rejected::name)
        .containsExactly(
            "shop/broken", "Kubernetes//Pod/shop/odd", "empty", "Kubernetes//Pod/shop/bad");
    assertThat(rejected.get(1).problem()).contains("3 bytes; an address has 4 or 16");
    assertThat(store.workload("shop", "web")).isPresent();
  }

  @Test
  void serviceThatIsNotOfANamespaceIsRejected() {
    Resource web = resource(pod("shop", "web", "198.18.0.1"));
    for (String key : List.of("web", "shop;web", "/web", "shop/")) {
      Resource lost = resource(pod("shop", "lost").putServices(key, PortList.getDefaultInstance()));
      var rejected = store.addressSink().apply(List.of(lost, web), List.of());
      assertThat(rejected).extracting(ResourceSink.Rejected::problem).hasSize(1);
      assertThat(rejected.getFirst().problem()).contains("'" + key + "' is not NAMESPACE/HOSTNAME");
    }
    Resource odd = resource(service("shop/odd", "web", "198.18.1.1"));
    assertThat(store.addressSink().apply(List.of(odd), List.of()))
        .extracting(ResourceSink.Rejected::problem)
        .singleElement()
        .asString()
        .contains("'shop/odd' has a slash");
    assertThat(store.workload("shop", "web")).isPresent();
  }

  @Test
  void rejectedUpdateLeavesTheOldState() {
    push(store, resource(pod("shop", "web", "198.18.0.1")));
    push(store, resource(pod("shop", "web", "198.18.0.1").addAuthorizationPolicies("no slash")));

    assertThat(store.workload(address("198.18.0.1"))).isPresent();
  }

  @Test
  void policiesComeAndGo() {
    push(store, resource(denyAll("shop", "nobody")));
    assertThat(store.policies().find(new PolicyKey("shop", "nobody"))).isPresent();

    remove(store, "shop/nobody");
    assertThat(store.policies().size()).isZero();
  }

  @Test
  void policyUnderTwoNamesRejected() {
    push(store, resource(denyAll("shop", "nobody")));
    var rejected =
        store
            .authorizationSink()
            .apply(List.of(resource("alias", denyAll("shop", "nobody"))), List.of());

    assertThat(rejected.getFirst().problem()).contains("shop/nobody");
  }

  @Test
  void listenersToldOncePerPush() {
    AtomicInteger told = new AtomicInteger();
    store.onChange(told::incrementAndGet);
    store
        .addressSink()
        .apply(
            List.of(
                resource(pod("shop", "a", "198.18.0.1")), resource(pod("shop", "b", "198.18.0.2"))),
            List.of());

    assertThat(told).hasValue(1);
  }
}
