// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.route;

import static dev.culvert.ztunnel.xds.Resources.ADDRESS;
import static dev.culvert.ztunnel.xds.Resources.pod;
import static dev.culvert.ztunnel.xds.Resources.ports;
import static dev.culvert.ztunnel.xds.Resources.resource;
import static dev.culvert.ztunnel.xds.Resources.response;
import static dev.culvert.ztunnel.xds.Resources.service;

import dev.culvert.policy.wire.discovery.DeltaDiscoveryRequest;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryResponse;
import dev.culvert.policy.wire.discovery.Resource;
import dev.culvert.ztunnel.capture.TestWorkloads;
import dev.culvert.ztunnel.peers.FakeControlPlane;
import dev.culvert.ztunnel.peers.TestCa;
import dev.culvert.ztunnel.xds.AdsClient;
import dev.culvert.ztunnel.xds.MeshStore;
import dev.culvert.ztunnel.xds.NodeIdentity;
import dev.culvert.ztunnel.xds.Workload;
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
import org.junit.jupiter.api.io.TempDir;

/** A proxy that asks a played control plane for addresses when a connection needs them. */
abstract class OnDemandCase {
  private static final Duration PATIENT = Duration.ofSeconds(30);
  static final String WEB = "shop/web.shop.svc.cluster.local";
  static final String WAYPOINT = "shop/waypoint.shop.svc.cluster.local";
  static final InetSocketAddress VIP = at("198.19.0.1", 80);
  static final InetSocketAddress POD = at("198.18.0.2", 8080);

  @TempDir private Path folder;
  final TestCa ca = new TestCa("mesh root");
  private final MeshStore store = new MeshStore("Kubernetes", "");
  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final EventLoop loop = (EventLoop) loops.next();
  private final Workload client =
      TestWorkloads.pod("client", "one", InetAddress.ofLiteral("198.18.0.1"));
  FakeControlPlane controlPlane;
  AdsClient discovery;
  FakeControlPlane.Stream stream;

  @BeforeEach
  final void start() throws Exception {
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
  final void stop() {
    discovery.close();
    controlPlane.close();
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }

  final void greet() throws InterruptedException {
    stream.nextRequest();
    stream.nextRequest();
  }

  final CompletableFuture<Route> route(InetSocketAddress asked) throws Exception {
    return route(asked, PATIENT);
  }

  /** Done when the loop went on, or waits. */
  CompletableFuture<Route> route(InetSocketAddress asked, Duration patience) throws Exception {
    Router router = new Router(store, workload -> Optional.empty(), new Random(1));
    Routes routes = new Routes(router, discovery.onDemand(), patience);
    CompletableFuture<Route> found = new CompletableFuture<>();
    loop.submit(() -> routes.find(client, asked, loop, found::complete)).get();
    return found;
  }

  /** What the next request that is no acknowledgement subscribes to. */
  final List<String> nextNames() throws InterruptedException {
    DeltaDiscoveryRequest request = stream.nextRequest();
    while (!request.getResponseNonce().isEmpty()) {
      request = stream.nextRequest();
    }
    return request.getResourceNamesSubscribeList();
  }

  final void tell(Resource... resources) throws InterruptedException {
    stream.push(response(ADDRESS, "told", resources));
    while (!stream.nextRequest().getResponseNonce().equals("told")) {
      // What is asked for meanwhile.
    }
  }

  static DeltaDiscoveryResponse missing(String nonce, String name) {
    return response(ADDRESS, nonce).toBuilder().addRemovedResources(name).build();
  }

  static Resource endpoint(String name, String address, String service) {
    return resource(
        pod("shop", name, address).setNode("two").putServices(service, ports(80, 8080)));
  }

  static Resource named(Resource resource, String... aliases) {
    return resource.toBuilder().addAllAliases(List.of(aliases)).build();
  }

  static InetSocketAddress at(String literal, int port) {
    return new InetSocketAddress(InetAddress.ofLiteral(literal), port);
  }
}
