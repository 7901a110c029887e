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
import dev.culvert.policy.wire.discovery.DeltaDiscoveryResponse;
import dev.culvert.policy.wire.discovery.Resource;
import dev.culvert.policy.wire.workload.Address;
import dev.culvert.policy.wire.workload.GatewayAddress;
import dev.culvert.policy.wire.workload.NamespacedHostname;
import dev.culvert.ztunnel.capture.TestWorkloads;
import dev.culvert.ztunnel.peers.Await;
import dev.culvert.ztunnel.peers.FakeControlPlane;
import dev.culvert.ztunnel.peers.TestCa;
import dev.culvert.ztunnel.xds.AdsClient;
import dev.culvert.ztunnel.xds.MeshStore;
import dev.culvert.ztunnel.xds.NodeIdentity;
import dev.culvert.ztunnel.xds.Workload;
import io.grpc.Status;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Connections that make the proxy ask the control plane where they go. */
class OnDemandRoutesTest {
  private static final Duration PATIENT = Duration.ofSeconds(30);
  private static final String WEB = "shop/web.shop.svc.cluster.local";
  private static final String WAYPOINT = "shop/waypoint.shop.svc.cluster.local";
  private static final InetSocketAddress VIP = at("198.19.0.1", 80);
  private static final InetSocketAddress POD = at("198.18.0.2", 8080);

  @TempDir private Path folder;
  private final TestCa ca = new TestCa("mesh root");
  private final MeshStore store = new MeshStore("Kubernetes", "");
  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final EventLoop loop = (EventLoop) loops.next();
  private final Workload client =
      TestWorkloads.pod("client", "one", InetAddress.ofLiteral("198.18.0.1"));
  private FakeControlPlane controlPlane;
  private AdsClient discovery;
  private FakeControlPlane.Stream stream;

  @BeforeEach
  void start() throws Exception {
    controlPlane = new FakeControlPlane(folder, ca);
    discovery =
        new AdsClient(
            controlPlane.client(),
            controlPlane.endpoint(),
            new NodeIdentity("one", "ztunnel-abc", "mesh", "10.0.0.7", Map.of()),
            store,
            new SimpleMeterRegistry(),
            true);
    discovery.start();
    stream = controlPlane.nextStream();
  }

  @AfterEach
  void stop() {
    discovery.close();
    controlPlane.close();
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }

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

  @Test
  void noAnswerRefuses() throws Exception {
    greet();
    CompletableFuture<Route> route = route(POD, Duration.ofMillis(200));

    assertThat(route.get())
        .isInstanceOfSatisfying(
            Route.Refused.class,
            refused -> assertThat(refused.reason()).contains("/198.18.0.2", "xds-on-demand"));
  }

  @Test
  void controlPlaneLostWhileAskingIsAskedAgain() throws Exception {
    greet();
    CompletableFuture<Route> route = route(POD);
    nextNames();
    stream.end(Status.UNAVAILABLE.asRuntimeException());
    stream = controlPlane.nextStream();
    DeltaDiscoveryRequest first = stream.nextRequest();
    assertThat(first.getResourceNamesSubscribeList()).containsExactlyInAnyOrder("*", "/198.18.0.2");
    assertThat(first.getResourceNamesUnsubscribeList()).containsExactly("*");
    stream.nextRequest();
    tell(named(resource(pod("shop", "web", "198.18.0.2").setNode("two")), "/198.18.0.2"));

    assertThat(route.get()).isInstanceOf(Route.Hbone.class);
  }

  @Test
  void comesBackWithNamesAndVersions() throws Exception {
    greet();
    CompletableFuture<Route> route = route(VIP);
    nextNames();
    Resource web = named(resource(service("shop", "web", "198.19.0.1")), "/198.19.0.1");
    Resource one = endpoint("web-1", "198.18.0.3", WEB);
    tell(web, one);
    route.get();
    stream.end(Status.UNAVAILABLE.asRuntimeException());
    DeltaDiscoveryRequest first = controlPlane.nextStream().nextRequest();

    assertThat(first.getResourceNamesSubscribeList())
        .containsExactlyInAnyOrder("*", "/198.19.0.1", WEB, one.getName());
    assertThat(first.getInitialResourceVersionsMap())
        .containsOnly(Map.entry(WEB, web.getVersion()), Map.entry(one.getName(), one.getVersion()));
  }

  @Test
  void withoutTheControlPlaneTheLastAnswersStayGood() throws Exception {
    greet();
    CompletableFuture<Route> route = route(POD);
    nextNames();
    stream.push(missing("n1", "/198.18.0.2"));
    route.get();
    controlPlane.stop();

    assertThat(route(POD).get()).isInstanceOf(Route.Plaintext.class);
    assertThat(route(VIP, Duration.ofMillis(200)).get()).isInstanceOf(Route.Refused.class);
    controlPlane.listen(ca);
  }

  private void greet() throws InterruptedException {
    stream.nextRequest();
    stream.nextRequest();
  }

  private CompletableFuture<Route> route(InetSocketAddress asked) throws Exception {
    return route(asked, PATIENT);
  }

  /** Done when the loop went on, or waits. */
  private CompletableFuture<Route> route(InetSocketAddress asked, Duration patience)
      throws Exception {
    Router router = new Router(store, workload -> Optional.empty(), new Random(1));
    Routes routes = new Routes(router, discovery.onDemand(), patience);
    CompletableFuture<Route> found = new CompletableFuture<>();
    loop.submit(() -> routes.find(client, asked, loop, found::complete)).get();
    return found;
  }

  /** What the next request that is no acknowledgement subscribes to. */
  private List<String> nextNames() throws InterruptedException {
    DeltaDiscoveryRequest request = stream.nextRequest();
    while (!request.getResponseNonce().isEmpty()) {
      request = stream.nextRequest();
    }
    return request.getResourceNamesSubscribeList();
  }

  private void tell(Resource... resources) throws InterruptedException {
    stream.push(response(ADDRESS, "told", resources));
    while (!stream.nextRequest().getResponseNonce().equals("told")) {
      // What is asked for meanwhile.
    }
  }

  private static DeltaDiscoveryResponse missing(String nonce, String name) {
    return response(ADDRESS, nonce).toBuilder().addRemovedResources(name).build();
  }

  private static Resource endpoint(String name, String address, String service) {
    return resource(
        pod("shop", name, address).setNode("two").putServices(service, ports(80, 8080)));
  }

  private static Resource named(Resource resource, String... aliases) {
    return resource.toBuilder().addAllAliases(List.of(aliases)).build();
  }

  private static InetSocketAddress at(String literal, int port) {
    return new InetSocketAddress(InetAddress.ofLiteral(literal), port);
  }
}
