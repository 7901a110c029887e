// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.linux.socket.NetworkNamespace;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.wire.workload.LoadBalancing.Mode;
import dev.culvert.ztunnel.capture.TestMesh;
import dev.culvert.ztunnel.capture.TestWorkload;
import dev.culvert.ztunnel.capture.TestWorkloads;
import dev.culvert.ztunnel.transport.PodNetwork;
import dev.culvert.ztunnel.transport.PodSockets;
import dev.culvert.ztunnel.transport.Transport;
import dev.culvert.ztunnel.transport.TransportChoice;
import dev.culvert.ztunnel.xds.GatewayAddress;
import dev.culvert.ztunnel.xds.RoutingPreference;
import dev.culvert.ztunnel.xds.Service;
import dev.culvert.ztunnel.xds.Service.Vip;
import dev.culvert.ztunnel.xds.ServicePort;
import dev.culvert.ztunnel.xds.WeightedWaypoint;
import dev.culvert.ztunnel.xds.Workload;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RouterTest {
  private static final SpiffeId SPARE = TestWorkloads.identity("spare");
  private static final String WEB = "shop/web.shop.svc.cluster.local";

  private final TestMesh mesh = new TestMesh();
  private final Map<String, PodSockets> local = new HashMap<>();
  private final Router router =
      new Router(mesh, w -> Optional.ofNullable(local.get(w.uid())), new Random(1));
  private Workload client = TestWorkloads.pod("client", "one", ip("198.18.0.1"));
  private NetworkNamespace netns;

  @BeforeEach
  void start() throws Exception {
    netns = NetworkNamespace.current();
    mesh.put(client);
  }

  @AfterEach
  void stop() {
    netns.close();
  }

  private static InetAddress ip(String literal) {
    return InetAddress.ofLiteral(literal);
  }

  private static InetSocketAddress to(String literal, int port) {
    return new InetSocketAddress(ip(literal), port);
  }

  private Route route(String literal, int port) {
    return router.route(client, to(literal, port));
  }

  private Service service(boolean passthrough, Optional<GatewayAddress> waypoint) {
    return service(passthrough, waypoint, List.of());
  }

  private Service service(
      boolean passthrough, Optional<GatewayAddress> waypoint, List<WeightedWaypoint> weighted) {
    Service service =
        new Service(
            "shop",
            "web",
            "web.shop.svc.cluster.local",
            List.of(new Vip(ip("198.18.100.1"), 32), new Vip(ip("fd00:c01::100"), 128)),
            List.of(new ServicePort(80, 8080)),
            List.of(SPARE),
            new RoutingPreference(
                List.of(), passthrough ? Mode.PASSTHROUGH : Mode.UNSPECIFIED_MODE),
            false,
            waypoint,
            weighted,
            false,
            false,
            false,
            Service.Families.ANY);
    mesh.put(service);
    return service;
  }

  private Workload endpoint(String name, String address, ServicePort... ports) {
    Workload endpoint = TestWorkloads.endpoint(name, "two", ip(address), WEB, ports);
    mesh.put(endpoint);
    return endpoint;
  }

  private Workload endpoint(String name, String node, InetAddress... addresses) {
    Workload endpoint =
        new TestWorkload(name)
            .on(node)
            .at(addresses)
            .behind(WEB, new ServicePort(80, 9090))
            .build();
    mesh.put(endpoint);
    return endpoint;
  }

  @Test
  void unknownDestinationPassesAsPlaintext() {
    assertThat(route("198.18.9.9", 443))
        .isEqualTo(new Route.Plaintext(to("198.18.9.9", 443), Optional.empty(), Optional.empty()));
  }

  @Test
  void podByAddressGoesThroughItsTunnel() {
    Workload web = TestWorkloads.pod("web", "two", ip("198.18.0.2"));
    mesh.put(web);
    Route.Hbone route = (Route.Hbone) route("198.18.0.2", 8080);
    assertThat(route.tunnel()).isEqualTo(to("198.18.0.2", 15008));
    assertThat(route.target()).isEqualTo(to("198.18.0.2", 8080));
    assertThat(route.expected()).containsExactly(web.identity());
  }

  @Test
  void podWithoutTunnelGetsPlaintext() {
    Workload old = TestWorkloads.plain("old", "two", ip("198.18.0.3"));
    mesh.put(old);
    assertThat(route("198.18.0.3", 80))
        .isEqualTo(new Route.Plaintext(to("198.18.0.3", 80), Optional.of(old), Optional.empty()));
  }

  @Test
  void serviceGoesToTargetPortOfAnEndpoint() {
    service(false, Optional.empty());
    Workload web = endpoint("web-1", "198.18.0.4", new ServicePort(80, 9090));
    Route.Hbone route = (Route.Hbone) route("198.18.100.1", 80);
    assertThat(route.target()).isEqualTo(to("198.18.0.4", 9090));
    assertThat(route.expected()).containsExactlyInAnyOrder(web.identity(), SPARE);
    assertThat(route.service().orElseThrow().key()).isEqualTo(WEB);
  }

  @Test
  void endpointsShareByCapacity() {
    service(false, Optional.empty());
    endpoint("web-1", "198.18.0.4", new ServicePort(80, 9090));
    endpoint("web-2", "198.18.0.5", new ServicePort(80, 9090));
    int first = 0;
    for (int i = 0; i < 1_000; i++) {
      Route.Hbone route = (Route.Hbone) route("198.18.100.1", 80);
      first += route.target().getAddress().equals(ip("198.18.0.4")) ? 1 : 0;
    }
    assertThat(first).isBetween(400, 600);
  }

  @Test
  void serviceWithoutEndpointOrPortRefused() {
    service(false, Optional.empty());
    assertThat(route("198.18.100.1", 80)).isInstanceOf(Route.Refused.class);
    endpoint("web-1", "198.18.0.4", new ServicePort(80, 9090));
    Route.Refused refused = (Route.Refused) route("198.18.100.1", 81);
    assertThat(refused.reason()).contains(WEB).contains("no port 81");
  }

  @Test
  void passthroughServiceWithoutEndpointGoesAsAsked() {
    service(true, Optional.empty());
    assertThat(route("198.18.100.1", 80)).isInstanceOf(Route.Plaintext.class);
  }

  @Test
  void familyOfTheServiceAddressIsKept() {
    service(false, Optional.empty());
    mesh.put(TestWorkloads.pod("client", "one", ip("198.18.0.1"), ip("fd00:c01::1")));
    client = mesh.workload("shop", "client").orElseThrow();
    endpoint("dual", "two", ip("198.18.0.6"), ip("fd00:c01::6"));
    assertThat(((Route.Hbone) route("fd00:c01::100", 80)).target())
        .isEqualTo(to("fd00:c01::6", 9090));
    assertThat(((Route.Hbone) route("198.18.100.1", 80)).target())
        .isEqualTo(to("198.18.0.6", 9090));
  }

  @Test
  void neighbourReachedInItsNamespace() {
    Workload web = TestWorkloads.pod("web", "one", ip("198.18.0.2"));
    mesh.put(web);
    PodSockets sockets =
        new PodSockets(Transport.select(TransportChoice.NIO), PodNetwork.STANDARD, netns, null);
    local.put(web.uid(), sockets);
    Route.SameNode route = (Route.SameNode) route("198.18.0.2", 8080);
    assertThat(route.sockets()).isSameAs(sockets);
  }

  @Test
  void waypointTakesTheServiceAsAsked() {
    Workload waypoint = TestWorkloads.pod("waypoint", "two", ip("198.18.0.50"));
    mesh.put(waypoint);
    service(false, Optional.of(new GatewayAddress.ByIp("", ip("198.18.0.50"), 15008)));
    endpoint("web-1", "198.18.0.4", new ServicePort(80, 9090));
    Route.Hbone route = (Route.Hbone) route("198.18.100.1", 80);
    assertThat(route.tunnel()).isEqualTo(to("198.18.0.50", 15008));
    assertThat(route.target()).isEqualTo(to("198.18.100.1", 80));
    assertThat(route.expected()).containsExactly(waypoint.identity());
    Route own = router.route(waypoint, to("198.18.100.1", 80));
    assertThat(((Route.Hbone) own).target()).isEqualTo(to("198.18.0.4", 9090));
  }

  @Test
  void missingWaypointIsNeverPassedBy() {
    service(false, Optional.of(new GatewayAddress.ByService("shop", "gone", 15008)));
    endpoint("web-1", "198.18.0.4", new ServicePort(80, 9090));
    assertThat(route("198.18.100.1", 80)).isInstanceOf(Route.Refused.class);
  }

  @Test
  void serviceNamesItsWaypointByService() {
    Workload waypoint = waypoint("waypoint", "198.18.0.50");
    service(false, Optional.of(new GatewayAddress.ByService("shop", "waypoint.shop", 15008)));
    endpoint("web-1", "198.18.0.4", new ServicePort(80, 9090));
    Route.Hbone route = (Route.Hbone) route("198.18.100.1", 80);
    assertThat(route.tunnel()).isEqualTo(to("198.18.0.50", 15008));
    assertThat(route.target()).isEqualTo(to("198.18.100.1", 80));
    assertThat(route.isToWaypoint()).isTrue();
    assertThat(route.expected()).containsExactlyInAnyOrder(waypoint.identity(), SPARE);
  }

  @Test
  void unreadyWaypointIsStillNotSentToItself() {
    Workload draining =
        new TestWorkload("waypoint")
            .on("two")
            .at(ip("198.18.0.50"))
            .behind("shop/waypoint.shop", new ServicePort(15008, 15008))
            .unready()
            .build();
    mesh.put(draining);
    mesh.put(waypointService());
    service(false, Optional.of(new GatewayAddress.ByService("shop", "waypoint.shop", 15008)));
    endpoint("web-1", "198.18.0.4", new ServicePort(80, 9090));
    assertThat(route("198.18.100.1", 80)).isInstanceOf(Route.Refused.class);
    assertThat(((Route.Hbone) router.route(draining, to("198.18.100.1", 80))).target())
        .isEqualTo(to("198.18.0.4", 9090));
  }

  @Test
  void weightedWaypointsShareConnections() {
    Workload small = TestWorkloads.pod("small", "two", ip("198.18.0.51"));
    Workload large = TestWorkloads.pod("large", "two", ip("198.18.0.52"));
    Workload unused = TestWorkloads.pod("unused", "two", ip("198.18.0.53"));
    mesh.put(small);
    mesh.put(large);
    mesh.put(unused);
    service(
        false,
        Optional.empty(),
        List.of(weighted(small, 1), weighted(large, 3), weighted(unused, 0)));
    Map<Workload, Integer> taken = new HashMap<>();
    for (int i = 0; i < 1_000; i++) {
      taken.merge(((Route.Hbone) route("198.18.100.1", 80)).destination(), 1, Integer::sum);
    }
    assertThat(taken).containsOnlyKeys(small, large);
    assertThat(taken.get(large)).isBetween(650, 850);
  }

  @Test
  void missingOneOfSeveralWaypointsIsNeverPassedBy() {
    service(
        false,
        Optional.empty(),
        List.of(new WeightedWaypoint(new GatewayAddress.ByService("shop", "gone", 15008), 1)));
    endpoint("web-1", "198.18.0.4", new ServicePort(80, 9090));
    assertThat(route("198.18.100.1", 80)).isInstanceOf(Route.Refused.class);
  }

  @Test
  void podWithWaypointIsReachedThroughItAndByItDirectly() {
    Workload waypoint = waypoint("waypoint", "198.18.0.50");
    Workload web =
        new TestWorkload("web")
            .on("two")
            .at(ip("198.18.0.4"))
            .waypoint(new GatewayAddress.ByService("shop", "waypoint.shop", 15008))
            .build();
    mesh.put(web);
    Route.Hbone route = (Route.Hbone) route("198.18.0.4", 8080);
    assertThat(route.destination()).isEqualTo(waypoint);
    assertThat(route.target()).isEqualTo(to("198.18.0.4", 8080));
    Route.Hbone fromWaypoint = (Route.Hbone) router.route(waypoint, to("198.18.0.4", 8080));
    assertThat(fromWaypoint.destination()).isEqualTo(web);
    assertThat(fromWaypoint.isToWaypoint()).isFalse();
  }

  @Test
  void serviceOfPodsWithWaypointGoesToItsEndpoints() {
    service(false, Optional.empty());
    Workload web =
        new TestWorkload("web")
            .on("two")
            .at(ip("198.18.0.4"))
            .behind(WEB, new ServicePort(80, 9090))
            .waypoint(new GatewayAddress.ByService("shop", "gone", 15008))
            .build();
    mesh.put(web);
    assertThat(((Route.Hbone) route("198.18.100.1", 80)).destination()).isEqualTo(web);
  }

  @Test
  void endpointOfAnotherNetworkIsReachedThroughItsGateway() {
    service(false, Optional.empty());
    Workload gateway = new TestWorkload("gateway").in("far").at(ip("203.0.113.1")).build();
    mesh.put(gateway);
    Workload far =
        new TestWorkload("web")
            .in("far")
            .at(ip("198.18.0.1"))
            .behind(WEB, new ServicePort(80, 9090))
            .gateway(new GatewayAddress.ByIp("far", ip("203.0.113.1"), 15009))
            .build();
    mesh.put(far);
    Route.DoubleHbone route = (Route.DoubleHbone) route("198.18.100.1", 80);
    assertThat(route.tunnel()).isEqualTo(to("203.0.113.1", 15009));
    assertThat(route.target())
        .isEqualTo(InetSocketAddress.createUnresolved("web.shop.svc.cluster.local", 80));
    assertThat(route.gatewayExpected()).containsExactly(gateway.identity());
    assertThat(route.expected()).containsExactlyInAnyOrder(far.identity(), SPARE);
  }

  @Test
  void unknownGatewayRefused() {
    service(false, Optional.empty());
    mesh.put(
        new TestWorkload("web")
            .in("far")
            .at(ip("198.18.0.9"))
            .behind(WEB, new ServicePort(80, 9090))
            .gateway(new GatewayAddress.ByIp("far", ip("203.0.113.1"), 15008))
            .build());
    assertThat(((Route.Refused) route("198.18.100.1", 80)).reason()).contains("gateway", "far");
  }

  @Test
  void endpointOfAnotherNetworkWithoutGatewayIsNone() {
    service(false, Optional.empty());
    mesh.put(
        new TestWorkload("web")
            .in("far")
            .at(ip("198.18.0.9"))
            .behind(WEB, new ServicePort(80, 9090))
            .build());
    assertThat(route("198.18.100.1", 80)).isInstanceOf(Route.Refused.class);
    assertThat(route("198.18.0.9", 80)).isInstanceOf(Route.Plaintext.class);
  }

  @Test
  void endpointOutsideTheClusterGetsPlaintext() {
    service(false, Optional.empty());
    mesh.put(
        new TestWorkload("vm")
            .plain()
            .at(ip("198.18.0.200"))
            .behind(WEB, new ServicePort(80, 8443))
            .build());
    assertThat(((Route.Plaintext) route("198.18.100.1", 80)).target())
        .isEqualTo(to("198.18.0.200", 8443));
  }

  @Test
  void endpointKnownByNameOnlyIsToBeResolved() {
    service(false, Optional.empty());
    mesh.put(
        new TestWorkload("api")
            .plain()
            .at()
            .named("api.example.com")
            .behind(WEB, new ServicePort(80, 8443))
            .build());
    assertThat(((Route.Plaintext) route("198.18.100.1", 80)).target())
        .isEqualTo(InetSocketAddress.createUnresolved("api.example.com", 8443));
  }

  @Test
  void passthroughServiceGoesPastItsEndpointsButNotPastATunnel() {
    service(true, Optional.empty());
    endpoint("web-1", "198.18.0.4", new ServicePort(80, 9090));
    assertThat(route("198.18.100.1", 81)).isInstanceOf(Route.Plaintext.class);
    mesh.put(TestWorkloads.pod("holder", "two", ip("198.18.100.1")));
    assertThat(((Route.Hbone) route("198.18.100.1", 81)).target())
        .isEqualTo(to("198.18.100.1", 81));
  }

  private Workload waypoint(String name, String address) {
    Workload waypoint =
        new TestWorkload(name)
            .on("two")
            .at(ip(address))
            .behind("shop/waypoint.shop", new ServicePort(15008, 15008))
            .build();
    mesh.put(waypoint);
    mesh.put(waypointService());
    return waypoint;
  }

  private static Service waypointService() {
    return new Service(
        "shop",
        "waypoint",
        "waypoint.shop",
        List.of(),
        List.of(new ServicePort(15021, 15021)),
        List.of(SPARE),
        RoutingPreference.none(),
        false,
        Optional.empty(),
        List.of(),
        false,
        false,
        false,
        Service.Families.ANY);
  }

  private static WeightedWaypoint weighted(Workload waypoint, long weight) {
    return new WeightedWaypoint(
        new GatewayAddress.ByIp("", waypoint.addresses().getFirst(), 15008), weight);
  }

  @Test
  void proxysOwnPortsRefused() {
    for (int port : new int[] {15001, 15006, 15008}) {
      assertThat(route("127.0.0.1", port)).isInstanceOf(Route.Refused.class);
      assertThat(route("::1", port)).isInstanceOf(Route.Refused.class);
      assertThat(route("198.18.0.1", port)).isInstanceOf(Route.Refused.class);
      mesh.put(TestWorkloads.pod("web", "two", ip("198.18.0.2")));
      assertThat(route("198.18.0.2", port)).isInstanceOf(Route.Refused.class);
      assertThat(route("198.18.9.9", port)).isInstanceOf(Route.Plaintext.class);
    }
  }
}
