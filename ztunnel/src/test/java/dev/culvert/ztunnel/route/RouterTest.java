// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.linux.NetworkNamespace;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.ztunnel.capture.TestMesh;
import dev.culvert.ztunnel.capture.TestWorkloads;
import dev.culvert.ztunnel.transport.PodSockets;
import dev.culvert.ztunnel.transport.Transport;
import dev.culvert.ztunnel.transport.TransportChoice;
import dev.culvert.ztunnel.xds.Service;
import dev.culvert.ztunnel.xds.Service.Vip;
import dev.culvert.ztunnel.xds.ServicePort;
import dev.culvert.ztunnel.xds.WaypointAddress;
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
  private final Workload client = TestWorkloads.pod("client", "one", ip("198.18.0.1"));
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

  private Service service(boolean passthrough, Optional<WaypointAddress> waypoint) {
    Service service =
        new Service(
            "shop",
            "web",
            "web.shop.svc.cluster.local",
            List.of(new Vip(ip("198.18.100.1"), 32), new Vip(ip("fd00:c01::100"), 128)),
            List.of(new ServicePort(80, 8080)),
            List.of(SPARE),
            passthrough,
            false,
            waypoint);
    mesh.put(service);
    return service;
  }

  private Workload endpoint(String name, String address, ServicePort... ports) {
    Workload endpoint = TestWorkloads.endpoint(name, "two", ip(address), WEB, ports);
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
    Workload dual =
        new Workload(
            "dual",
            "shop",
            "dual",
            SPARE,
            List.of(ip("198.18.0.6"), ip("fd00:c01::6")),
            "",
            "two",
            false,
            true,
            true,
            1,
            List.of(),
            Map.of(WEB, List.of(new ServicePort(80, 9090))),
            Optional.empty(),
            client.attribution());
    mesh.put(dual);
    assertThat(((Route.Hbone) route("fd00:c01::100", 80)).target())
        .isEqualTo(to("fd00:c01::6", 9090));
    assertThat(((Route.Hbone) route("198.18.100.1", 80)).target())
        .isEqualTo(to("198.18.0.6", 9090));
  }

  @Test
  void neighbourReachedInItsNamespace() {
    Workload web = TestWorkloads.pod("web", "one", ip("198.18.0.2"));
    mesh.put(web);
    PodSockets sockets = new PodSockets(Transport.select(TransportChoice.NIO), netns);
    local.put(web.uid(), sockets);
    Route.SameNode route = (Route.SameNode) route("198.18.0.2", 8080);
    assertThat(route.sockets()).isSameAs(sockets);
  }

  @Test
  void waypointTakesTheServiceAsAsked() {
    Workload waypoint = TestWorkloads.pod("waypoint", "two", ip("198.18.0.50"));
    mesh.put(waypoint);
    service(false, Optional.of(new WaypointAddress.ByIp(ip("198.18.0.50"), 15008)));
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
    service(false, Optional.of(new WaypointAddress.ByService("shop", "gone", 15008)));
    endpoint("web-1", "198.18.0.4", new ServicePort(80, 9090));
    assertThat(route("198.18.100.1", 80)).isInstanceOf(Route.Refused.class);
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
