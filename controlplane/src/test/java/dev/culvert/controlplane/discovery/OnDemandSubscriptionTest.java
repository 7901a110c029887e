// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.wire.discovery.DeltaDiscoveryRequest;
import dev.culvert.policy.wire.discovery.Resource;
import dev.culvert.policy.wire.workload.Address;
import dev.culvert.policy.wire.workload.PortList;
import dev.culvert.policy.wire.workload.Service;
import dev.culvert.policy.wire.workload.Workload;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a proxy is told that asks for addresses by name. */
class OnDemandSubscriptionTest {
  private static final String WEB = "shop/web.shop.svc.cluster.local";
  private static final String VIP = "/198.19.0.1";

  private final Map<String, Resource> mesh = new LinkedHashMap<>();
  private Subscription subscription = new Subscription("one");

  @BeforeEach
  void subscribeToNothing() {
    service(WEB, VIP);
    pod("web-1", "two", "/198.18.2.1", WEB);
    pod("web-2", "two", "/198.18.2.2", WEB);
    pod("db", "two", "/198.18.2.3");
    pod("client", "one", "/198.18.1.1");
    subscription.update(
        DeltaDiscoveryRequest.newBuilder()
            .addResourceNamesSubscribe("*")
            .addResourceNamesUnsubscribe("*")
            .build());
  }

  @Test
  void workloadsOfItsOwnNodeComeUnasked() {
    assertThat(next().changed()).extracting(Resource::getName).containsExactly("client");
  }

  @Test
  void workloadByAddress() {
    next();
    subscribe("/198.18.2.3");

    assertThat(next().changed()).extracting(Resource::getName).containsExactly("db");
  }

  @Test
  void serviceByAddressComesWithItsEndpoints() {
    next();
    subscribe(VIP);

    assertThat(next().changed())
        .extracting(Resource::getName)
        .containsExactlyInAnyOrder(WEB, "web-1", "web-2");
  }

  @Test
  void newEndpointOfAKnownServiceTold() {
    subscribe(WEB);
    next();
    pod("web-3", "two", "/198.18.2.9", WEB);

    assertThat(next().changed()).extracting(Resource::getName).containsExactly("web-3");
  }

  @Test
  void endpointThatLeftTheServiceIsKeptTrue() {
    subscribe(WEB);
    next();
    pod("web-2", "two", "/198.18.2.2");
    Delta delta = next();

    assertThat(delta.changed()).extracting(Resource::getName).containsExactly("web-2");
    assertThat(delta.removed()).isEmpty();
  }

  @Test
  void endpointThatIsGoneIsRemoved() {
    subscribe(WEB);
    next();
    mesh.remove("web-2");

    assertThat(next().removed()).containsExactly("web-2");
  }

  @Test
  void unknownAddressIsSaidToBeMissingAndToldWhenItComes() {
    next();
    subscribe("/198.18.2.77");
    assertThat(next().removed()).containsExactly("/198.18.2.77");
    pod("late", "two", "/198.18.2.77");

    assertThat(next().changed()).extracting(Resource::getName).containsExactly("late");
  }

  @Test
  void addressThatAnotherPodTakesIsToldAnew() {
    subscribe("/198.18.2.3");
    next();
    mesh.remove("db");
    Delta gone = next();
    pod("other", "two", "/198.18.2.3");

    assertThat(gone.removed()).containsExactlyInAnyOrder("db", "/198.18.2.3");
    assertThat(next().changed()).extracting(Resource::getName).containsExactly("other");
  }

  @Test
  void whoComesBackWithWhatItHoldsIsToldOnlyWhatChanged() {
    subscribe(WEB);
    List<Resource> held = next().changed();
    pod("web-1", "three", "/198.18.2.1", WEB);
    mesh.remove("web-2");
    subscription = new Subscription("one");
    DeltaDiscoveryRequest.Builder first =
        DeltaDiscoveryRequest.newBuilder()
            .addResourceNamesSubscribe("*")
            .addResourceNamesSubscribe(WEB)
            .addResourceNamesUnsubscribe("*");
    held.forEach(one -> first.putInitialResourceVersions(one.getName(), one.getVersion()));
    subscription.update(first.build());
    Delta delta = next();

    assertThat(delta.changed()).extracting(Resource::getName).containsExactly("web-1");
    assertThat(delta.removed()).containsExactly("web-2");
  }

  private void subscribe(String name) {
    subscription.update(DeltaDiscoveryRequest.newBuilder().addResourceNamesSubscribe(name).build());
  }

  private Delta next() {
    return subscription.next(ResourceSet.of(mesh.values()), true).orElseThrow();
  }

  private void pod(String name, String node, String address, String... services) {
    Workload.Builder workload = Workload.newBuilder().setUid(name).setNode(node);
    for (String service : services) {
      workload.putServices(service, PortList.getDefaultInstance());
    }
    put(name, Address.newBuilder().setWorkload(workload).build(), address);
  }

  private void service(String name, String address) {
    Service service = Service.newBuilder().setHostname(name).build();
    put(name, Address.newBuilder().setService(service).build(), address);
  }

  private void put(String name, Address content, String alias) {
    mesh.put(name, ResourceSet.resource(TypeUrl.ADDRESS, name, List.of(alias), content));
  }
}
