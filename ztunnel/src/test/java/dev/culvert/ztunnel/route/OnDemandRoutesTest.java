// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.route;

import static dev.culvert.ztunnel.xds.Resources.ADDRESS;
import static dev.culvert.ztunnel.xds.Resources.AUTHORIZATION;
import static dev.culvert.ztunnel.xds.Resources.pod;
import static dev.culvert.ztunnel.xds.Resources.ports;
import static dev.culvert.ztunnel.xds.Resources.resource;
import static dev.culvert.ztunnel.xds.Resources.response;
import static dev.culvert.ztunnel.xds.Resources.service;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.wire.discovery.DeltaDiscoveryRequest;
import dev.culvert.policy.wire.discovery.Resource;
import dev.culvert.policy.wire.workload.Address;
import dev.culvert.policy.wire.workload.GatewayAddress;
import dev.culvert.policy.wire.workload.NamespacedHostname;
import dev.culvert.ztunnel.peers.Await;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Connections that make the proxy ask the control plane where they go. */
final class OnDemandRoutesTest extends OnDemandCase {
  @Test
  void subscribesToNoAddressButToAllPolicies() throws Exception {
    DeltaDiscoveryRequest addresses = stream.nextRequest();
    DeltaDiscoveryRequest policies = stream.nextRequest();

    assertThat(addresses.getTypeUrl()).isEqualTo(ADDRESS);
    assertThat(addresses.getResourceNamesSubscribeList()).containsExactly("*");
    assertThat(addresses.getResourceNamesUnsubscribeList()).containsExactly("*");
    assertThat(policies.getResourceNamesSubscribeList()).isEmpty();
  }

  @Test
  void readyWithoutAnAddress() throws Exception {
    greet();
    assertThat(discovery.ready()).isFalse();
    stream.push(response(AUTHORIZATION, "n1"));

    Await.until("readiness", discovery::ready);
  }

  @Test
  void firstConnectionToAPodAsksForItsAddress() throws Exception {
    greet();
    CompletableFuture<Route> route = route(POD);
    assertThat(nextNames()).containsExactly("/198.18.0.2");
    assertThat(route).isNotDone();
    tell(named(resource(pod("shop", "web", "198.18.0.2").setNode("two")), "/198.18.0.2"));

    assertThat(route.get()).isInstanceOf(Route.Hbone.class);
    assertThat(route(POD).getNow(null)).as("known by now").isInstanceOf(Route.Hbone.class);
  }

  @Test
  void ipv6AddressNamedInItsShortForm() throws Exception {
    greet();
    var _ = route(at("fd00:c01::2", 80));

    assertThat(nextNames()).containsExactly("/fd00:c01::2");
  }

  @Test
  void serviceComesWithItsEndpoints() throws Exception {
    greet();
    CompletableFuture<Route> route = route(VIP);
    assertThat(nextNames()).containsExactly("/198.19.0.1");
    tell(
        named(resource(service("shop", "web", "198.19.0.1")), "/198.19.0.1"),
        named(endpoint("web-1", "198.18.0.3", WEB), "/198.18.0.3"));

    assertThat(route.get())
        .isInstanceOfSatisfying(
            Route.Hbone.class, way -> assertThat(way.target()).isEqualTo(at("198.18.0.3", 8080)));
  }

  @Test
  void waypointAskedForNext() throws Exception {
    greet();
    CompletableFuture<Route> route = route(VIP);
    nextNames();
    GatewayAddress waypoint =
        GatewayAddress.newBuilder()
            .setHostname(
                NamespacedHostname.newBuilder()
                    .setNamespace("shop")
                    .setHostname("waypoint.shop.svc.cluster.local"))
            .setHboneMtlsPort(15008)
            .build();
    tell(
        named(resource(service("shop", "web", "198.19.0.1").setWaypoint(waypoint)), "/198.19.0.1"));
    assertThat(nextNames()).containsExactly(WAYPOINT);
    tell(
        resource(service("shop", "waypoint", "198.19.0.9")),
        named(
            resource(
                pod("shop", "waypoint-1", "198.18.0.9")
                    .setNode("two")
                    .putServices(WAYPOINT, ports(15008, 15008))),
            "/198.18.0.9"));

    assertThat(route.get())
        .isInstanceOfSatisfying(Route.Hbone.class, way -> assertThat(way.isToWaypoint()).isTrue());
  }

  @Test
  void unknownDestinationPassesAndIsRemembered() throws Exception {
    greet();
    CompletableFuture<Route> route = route(POD);
    nextNames();
    stream.push(missing("n1", "/198.18.0.2"));
    assertThat(route.get()).isInstanceOf(Route.Plaintext.class);
    stream.nextRequest();

    assertThat(route(POD).getNow(null)).isInstanceOf(Route.Plaintext.class);
  }

  @Test
  void unknownDestinationThatJoinsTheMeshIsTunnelled() throws Exception {
    greet();
    CompletableFuture<Route> route = route(POD);
    nextNames();
    stream.push(missing("n1", "/198.18.0.2"));
    route.get();
    stream.nextRequest();
    tell(named(resource(pod("shop", "web", "198.18.0.2").setNode("two")), "/198.18.0.2"));

    assertThat(route(POD).getNow(null)).isInstanceOf(Route.Hbone.class);
  }

  @Test
  void replacedPodIsAskedForAgain() throws Exception {
    greet();
    CompletableFuture<Route> route = route(POD);
    nextNames();
    Resource web = resource(pod("shop", "web", "198.18.0.2").setNode("two"));
    tell(named(web, "/198.18.0.2"));
    route.get();
    stream.push(missing("n9", web.getName()));
    stream.nextRequest();
    CompletableFuture<Route> again = route(POD);
    assertThat(nextNames()).containsExactly("/198.18.0.2");
    tell(named(resource(pod("shop", "other", "198.18.0.2").setNode("two")), "/198.18.0.2"));

    assertThat(again.get())
        .isInstanceOfSatisfying(
            Route.Hbone.class, way -> assertThat(way.destination().name()).isEqualTo("other"));
  }

  @Test
  void servicesOfThisNodesPodsAskedForWithThem() throws Exception {
    greet();
    stream.push(response(ADDRESS, "n1", endpoint("web-1", "198.18.0.3", WEB)));
    assertThat(stream.nextRequest().getResponseNonce()).isEqualTo("n1");
    stream.push(
        response(
            ADDRESS,
            "n2",
            resource(
                pod("shop", "own", "198.18.0.4")
                    .setNode("one")
                    .putServices(WEB, ports(80, 8080)))));

    assertThat(nextNames()).containsExactly(WEB);
  }

  @Test
  void destinationThatCannotBeUsedIsRefusedNotPassed() throws Exception {
    greet();
    CompletableFuture<Route> route = route(POD, Duration.ofMillis(500));
    nextNames();
    stream.push(
        response(
            ADDRESS, "n1", named(resource("bad", Address.getDefaultInstance()), "/198.18.0.2")));

    assertThat(route.get()).isInstanceOf(Route.Refused.class);
  }
}
