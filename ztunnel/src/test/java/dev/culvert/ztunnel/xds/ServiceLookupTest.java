// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import static dev.culvert.ztunnel.xds.Resources.ip;
import static dev.culvert.ztunnel.xds.Resources.push;
import static dev.culvert.ztunnel.xds.Resources.remove;
import static dev.culvert.ztunnel.xds.Resources.resource;
import static dev.culvert.ztunnel.xds.Resources.service;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.wire.workload.LoadBalancing.Mode;
import dev.culvert.policy.wire.workload.NetworkAddress;
import dev.culvert.policy.wire.workload.Visibility;
import org.junit.jupiter.api.Test;

/** Services by address, of which several may hold the same. */
final class ServiceLookupTest extends MeshStoreCase {
  @Test
  void longestRangeHoldsAnAddress() {
    push(
        store,
        resource(range("wide", "198.18.0.0", 15)),
        resource(range("narrow", "198.18.7.0", 24)));

    assertThat(byVip("198.18.7.9").orElseThrow().name()).isEqualTo("narrow");
    assertThat(byVip("198.19.1.1").orElseThrow().name()).isEqualTo("wide");
    assertThat(byVip("198.20.0.1")).isEmpty();
  }

  @Test
  void longerRangeThatGoesLeavesTheWider() {
    push(
        store,
        resource(range("wide", "198.18.0.0", 15)),
        resource(range("narrow", "198.18.7.0", 24)));
    remove(store, "shop/narrow.shop.svc.cluster.local");

    assertThat(byVip("198.18.7.9").orElseThrow().name()).isEqualTo("wide");
    remove(store, "shop/wide.shop.svc.cluster.local");
    assertThat(byVip("198.18.7.9")).isEmpty();
  }

  @Test
  void addressOfItsOwnGoesBeforeAnyRange() {
    push(
        store,
        resource(range("narrow", "198.18.7.8", 31)),
        resource(service("other", "exact", "198.18.7.9")));

    assertThat(byVip("198.18.7.9").orElseThrow().name()).isEqualTo("exact");
    assertThat(byVip("198.18.7.8").orElseThrow().name()).isEqualTo("narrow");
  }

  @Test
  void rangeOfTheOwnNamespaceGoesBeforeALongerOne() {
    push(
        store,
        resource(range("mine", "198.18.0.0", 15)),
        resource(rangeOf("other", "longer", "198.18.7.0", 24)),
        resource(rangeOf("third", "wide", "198.18.0.0", 15)));

    assertThat(byVip("198.18.7.9").orElseThrow().name()).isEqualTo("mine");
    assertThat(store.serviceByVip(address("198.18.7.9"), "stranger").orElseThrow().name())
        .isEqualTo("longer");
  }

  @Test
  void canonicalRangeGoesFirstAmongEqualPrefixes() {
    push(
        store,
        resource(rangeOf("a", "first", "198.18.0.0", 15)),
        resource(rangeOf("b", "canonical", "198.18.0.0", 15).setCanonical(true)));

    assertThat(byVip("198.18.7.9").orElseThrow().name()).isEqualTo("canonical");
  }

  @Test
  void rangesOfBothFamilies() {
    push(store, resource(range("v6", "fd00:c01::", 32)), resource(range("all-v4", "0.0.0.0", 0)));

    assertThat(byVip("fd00:c01::7").orElseThrow().name()).isEqualTo("v6");
    assertThat(byVip("203.0.113.9").orElseThrow().name()).isEqualTo("all-v4");
    assertThat(byVip("fd01::7")).isEmpty();
  }

  @Test
  void sameVipInSeveralNamespaces() {
    push(
        store,
        resource(service("b", "web", "198.18.1.1")),
        resource(service("a", "web", "198.18.1.1")),
        resource(service("c", "web", "198.18.1.1").setCanonical(true)));

    assertThat(store.serviceByVip(address("198.18.1.1"), "a").orElseThrow().namespace())
        .isEqualTo("a");
    assertThat(store.serviceByVip(address("198.18.1.1"), "b").orElseThrow().namespace())
        .isEqualTo("b");
    assertThat(store.serviceByVip(address("198.18.1.1"), "x").orElseThrow().namespace())
        .isEqualTo("c");
    remove(store, "c/web.c.svc.cluster.local");
    assertThat(store.serviceByVip(address("198.18.1.1"), "x").orElseThrow().namespace())
        .isEqualTo("a");
  }

  @Test
  void serviceOfAnotherNamespaceThatHidesItIsNotSeen() {
    push(
        store,
        resource(service("other", "hidden", "198.18.1.1").setVisibility(Visibility.NAMESPACE)),
        resource(
            rangeOf("other", "hidden-range", "198.18.2.0", 24)
                .setVisibility(Visibility.NAMESPACE)));

    assertThat(byVip("198.18.1.1")).isEmpty();
    assertThat(byVip("198.18.2.1")).isEmpty();
    assertThat(store.serviceByVip(address("198.18.1.1"), "other")).isPresent();
    assertThat(store.serviceByVip(address("198.18.2.1"), "other")).isPresent();
  }

  @Test
  void vipMovesWithTheService() {
    push(store, resource(service("shop", "web", "198.18.1.1")));
    push(store, resource(service("shop", "web", "198.18.1.2")));

    assertThat(byVip("198.18.1.1")).isEmpty();
    assertThat(byVip("198.18.1.2")).isPresent();
  }

  @Test
  void changeOfPreferenceAloneKeepsTheServiceFound() {
    push(store, resource(service("shop", "web", "198.18.1.1")));
    push(store, resource(preferring(Mode.FAILOVER)));

    assertThat(store.serviceByHostname("shop", "web.shop.svc.cluster.local")).isPresent();
    assertThat(store.servicesByHostname("web.shop.svc.cluster.local")).hasSize(1);
    assertThat(byVip("198.18.1.1")).isPresent();
  }

  private static dev.culvert.policy.wire.workload.Service.Builder range(
      String name, String address, int length) {
    return rangeOf("shop", name, address, length);
  }

  private static dev.culvert.policy.wire.workload.Service.Builder rangeOf(
      String namespace, String name, String address, int length) {
    return service(namespace, name)
        .addAddresses(NetworkAddress.newBuilder().setAddress(ip(address)).setLength(length));
  }
}
