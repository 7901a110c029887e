// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.route;

import dev.culvert.linux.socket.NetworkNamespace;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.wire.workload.LoadBalancing.Mode;
import dev.culvert.ztunnel.capture.TestMesh;
import dev.culvert.ztunnel.capture.TestWorkload;
import dev.culvert.ztunnel.capture.TestWorkloads;
import dev.culvert.ztunnel.transport.PodSockets;
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

/** A router on node one, and connections of a client there. */
abstract class RouterCase {
  static final SpiffeId SPARE = TestWorkloads.identity("spare");
  static final String WEB = "shop/web.shop.svc.cluster.local";

  final TestMesh mesh = new TestMesh();
  final Map<String, PodSockets> local = new HashMap<>();
  final Router router =
      new Router(mesh, w -> Optional.ofNullable(local.get(w.uid())), new Random(1));
  Workload client = TestWorkloads.pod("client", "one", ip("198.18.0.1"));
  NetworkNamespace netns;

  @BeforeEach
  final void start() throws Exception {
    netns = NetworkNamespace.current();
    mesh.put(client);
  }

  @AfterEach
  final void stop() {
    netns.close();
  }

  static InetAddress ip(String literal) {
    return InetAddress.ofLiteral(literal);
  }

  static InetSocketAddress to(String literal, int port) {
    return new InetSocketAddress(ip(literal), port);
  }

  final Route route(String literal, int port) {
    return router.route(client, to(literal, port));
  }

  final Service service(boolean passthrough, Optional<GatewayAddress> waypoint) {
    return service(passthrough, waypoint, List.of());
  }

  Service service(
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

  final Workload endpoint(String name, String address, ServicePort... ports) {
    Workload endpoint = TestWorkloads.endpoint(name, "two", ip(address), WEB, ports);
    mesh.put(endpoint);
    return endpoint;
  }

  final Workload endpoint(String name, String node, InetAddress... addresses) {
    Workload endpoint =
        new TestWorkload(name)
            .on(node)
            .at(addresses)
            .behind(WEB, new ServicePort(80, 9090))
            .build();
    mesh.put(endpoint);
    return endpoint;
  }
}
