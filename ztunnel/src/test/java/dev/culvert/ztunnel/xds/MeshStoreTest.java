// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import static dev.culvert.ztunnel.xds.Resources.denyAll;
import static dev.culvert.ztunnel.xds.Resources.ip;
import static dev.culvert.ztunnel.xds.Resources.pod;
import static dev.culvert.ztunnel.xds.Resources.ports;
import static dev.culvert.ztunnel.xds.Resources.push;
import static dev.culvert.ztunnel.xds.Resources.remove;
import static dev.culvert.ztunnel.xds.Resources.resource;
import static dev.culvert.ztunnel.xds.Resources.service;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.culvert.policy.authz.PolicyKey;
import dev.culvert.policy.wire.discovery.Resource;
import dev.culvert.policy.wire.workload.Address;
import dev.culvert.policy.wire.workload.LoadBalancing;
import dev.culvert.policy.wire.workload.LoadBalancing.Mode;
import dev.culvert.policy.wire.workload.LoadBalancing.Scope;
import dev.culvert.policy.wire.workload.NetworkAddress;
import dev.culvert.policy.wire.workload.NetworkMode;
import dev.culvert.policy.wire.workload.PortList;
import dev.culvert.policy.wire.workload.Visibility;
import dev.culvert.policy.wire.workload.WorkloadStatus;
import dev.culvert.ztunnel.capture.TestWorkload;
import dev.culvert.ztunnel.xds.EndpointSet.Purpose;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class MeshStoreTest {
  private static final String WEB = "shop/web.shop.svc.cluster.local";

  private final Random random = new Random(1);
  private final MeshStore store = new MeshStore("Kubernetes", "");

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

  private Service web() {
    return store.serviceByHostname("shop", "web.shop.svc.cluster.local").orElseThrow();
  }

  private static dev.culvert.policy.wire.workload.Workload.Builder endpoint(
      String name, String address) {
    return pod("shop", name, address).putServices(WEB, ports(80, 8080));
  }

  private static dev.culvert.policy.wire.workload.Service.Builder preferring(Mode mode) {
    return service("shop", "web", "198.18.1.1")
        .setLoadBalancing(
            LoadBalancing.newBuilder().setMode(mode).addRoutingPreference(Scope.NODE));
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

  /** Those that a client on this node would get. */
  private Set<String> names() {
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

  private Optional<Service> byVip(String address) {
    return store.serviceByVip(address(address), "shop");
  }

  private static InetAddress address(String literal) {
    return InetAddress.ofLiteral(literal);
  }
}
