// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.authz.PolicyIndex;
import dev.culvert.policy.mesh.WaypointName;
import dev.culvert.policy.resource.ResourceFiles;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.traffic.HealthCheck;
import dev.culvert.policy.wire.workload.LoadBalancing.Mode;
import dev.culvert.policy.wire.workload.LoadBalancing.Scope;
import dev.culvert.waypoint.balance.Clusters;
import dev.culvert.waypoint.balance.Prober;
import dev.culvert.waypoint.plan.Asking;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.Pick;
import dev.culvert.waypoint.plan.Protocol;
import dev.culvert.waypoint.plan.Target;
import dev.culvert.waypoint.plan.Usage.Outcome;
import dev.culvert.ztunnel.route.Router;
import dev.culvert.ztunnel.xds.AppProtocol;
import dev.culvert.ztunnel.xds.EndpointSet;
import dev.culvert.ztunnel.xds.GatewayAddress;
import dev.culvert.ztunnel.xds.MeshState;
import dev.culvert.ztunnel.xds.Place;
import dev.culvert.ztunnel.xds.RoutingPreference;
import dev.culvert.ztunnel.xds.Service;
import dev.culvert.ztunnel.xds.ServicePort;
import dev.culvert.ztunnel.xds.Workload;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Which endpoints of the mesh a waypoint sends requests to. */
final class ServiceEndpointsTest {
  private static final String WAYPOINT = "way-1";
  private static final InetSocketAddress VIP =
      new InetSocketAddress(InetAddress.ofLiteral("198.18.100.1"), 80);

  private final Mesh mesh = new Mesh();
  private final Self self =
      new Self(
          new WaypointName("shop", "way"),
          "culvert-waypoint",
          WAYPOINT,
          SpiffeId.parse("spiffe://cluster.local/ns/shop/sa/way"));
  private final MeshBackends backends =
      new MeshBackends(
          mesh,
          new Router(mesh, workload -> Optional.empty(), new Random(7)),
          self,
          "cluster.local",
          new Clusters(new SimpleMeterRegistry(), new NoProber()));

  private record Request(boolean isHttp2, List<Target> tried) implements Asking {
    static final Request FIRST = new Request(false, List.of());

    @Override
    public InetSocketAddress address() {
      return VIP;
    }
  }

  private static final class NoProber implements Prober {
    @Override
    public EventLoop loop() {
      throw new AssertionError("nobody asks");
    }

    @Override
    public void ask(
        EventLoop loop,
        HealthCheck.Probe probe,
        Target target,
        String host,
        Duration timeout,
        Consumer<Optional<String>> told) {
      throw new AssertionError("nobody asks");
    }
  }

  /** One service, and what is behind it. */
  private static final class Mesh implements MeshState {
    private final List<Workload> workloads = new ArrayList<>();
    private RoutingPreference preference = RoutingPreference.none();
    private Optional<GatewayAddress> waypoint = Optional.empty();
    private EndpointSet endpoints;

    void serve(Workload... behind) {
      workloads.clear();
      workloads.add(pod(WAYPOINT, "eu", 1, true));
      workloads.addAll(List.of(behind));
      endpoints = EndpointSet.of(service(), List.of(behind));
    }

    Service service() {
      return new Service(
          "shop",
          "web",
          "web.shop.svc.cluster.local",
          List.of(),
          List.of(new ServicePort(80, 8080, AppProtocol.UNKNOWN)),
          List.of(),
          preference,
          false,
          waypoint,
          List.of(),
          true,
          false,
          false,
          Service.Families.ANY);
    }

    @Override
    public Optional<Workload> workload(InetAddress address) {
      return workloads.stream().filter(one -> one.addresses().contains(address)).findFirst();
    }

    @Override
    public Optional<Workload> workload(String namespace, String name) {
      return workloads.stream().filter(one -> one.name().equals(name)).findFirst();
    }

    @Override
    public Optional<Workload> workload(String network, InetAddress address) {
      return workload(address);
    }

    @Override
    public Optional<Service> serviceByVip(InetAddress address, String clientNamespace) {
      return Optional.empty();
    }

    @Override
    public Optional<Service> serviceByHostname(String namespace, String hostname) {
      return hostname.startsWith("web.") ? Optional.of(service()) : Optional.empty();
    }

    @Override
    public EndpointSet endpoints(Service service) {
      return endpoints;
    }

    @Override
    public PolicyIndex policies() {
      throw new AssertionError("nobody judges");
    }

    @Override
    public void onChange(Runnable callback) {}
  }

  private static Workload pod(String name, String region, int number, boolean hbone) {
    return new Workload(
        "Kubernetes//Pod/shop/" + name,
        "shop",
        name,
        SpiffeId.parse("spiffe://cluster.local/ns/shop/sa/" + name),
        List.of(InetAddress.ofLiteral("198.18.0." + number)),
        "",
        new Place("", "Kubernetes", region, "", "", "one"),
        false,
        hbone,
        true,
        1,
        List.of(),
        Map.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        new Workload.Attribution(
            name, "v1", Workload.WorkloadType.DEPLOYMENT, name, "Kubernetes", region, ""));
  }

  private static Target pick(Destination web, Asking asking) {
    return (Target) web.next(asking);
  }

  private static Map<String, Integer> count(Destination web, int requests) {
    Map<String, Integer> counts = new HashMap<>();
    for (int i = 0; i < requests; i++) {
      counts.merge(pick(web, Request.FIRST).party().workload(), 1, Integer::sum);
    }
    return counts;
  }

  private Destination web() {
    return backends.destination("shop", "web", 80).orElseThrow();
  }

  @Test
  void endpointIsReachedInItsTunnelOrInPlaintext() {
    mesh.serve(pod("a", "eu", 2, true));
    Target tunnelled = pick(web(), Request.FIRST);
    assertThat(tunnelled.address())
        .isEqualTo(new InetSocketAddress(InetAddress.ofLiteral("198.18.0.2"), 8080));
    assertThat(tunnelled.way().orElseThrow().tunnel().getPort()).isEqualTo(15008);
    assertThat(tunnelled.way().orElseThrow().expected())
        .containsExactly(SpiffeId.parse("spiffe://cluster.local/ns/shop/sa/a"));
    assertThat(tunnelled.protocol()).isEqualTo(Protocol.HTTP1);
    assertThat(pick(web(), new Request(true, List.of())).protocol()).isEqualTo(Protocol.HTTP2);
    mesh.serve(pod("b", "eu", 3, false));
    assertThat(pick(web(), Request.FIRST).way()).isEmpty();
  }

  @Test
  void changeOfEndpointsCountsAtOnce() {
    Destination web = web();
    mesh.serve(pod("a", "eu", 2, true), pod("b", "eu", 3, true));
    assertThat(count(web, 100)).containsOnlyKeys("a", "b");
    mesh.serve(pod("b", "eu", 3, true), pod("c", "eu", 4, true));
    assertThat(count(web, 100)).containsOnlyKeys("b", "c");
    mesh.serve();
    assertThat(web.next(Request.FIRST))
        .isInstanceOfSatisfying(
            Pick.None.class, none -> assertThat(none.reason()).contains("no ready endpoint"));
  }

  @Test
  void lessUsedEndpointIsTaken() {
    mesh.serve(pod("a", "eu", 2, true), pod("b", "eu", 3, true));
    Destination web = web();
    Target busy = pick(web, Request.FIRST);
    busy.usage().began();
    assertThat(count(web, 50)).doesNotContainKey(busy.party().workload());
    assertThat(count(web(), 50))
        .as("another route to the service knows it too")
        .doesNotContainKey(busy.party().workload());
  }

  @Test
  void policyOfTheServiceCountsAtOnce() {
    mesh.serve(pod("a", "eu", 2, true), pod("b", "eu", 3, true));
    Destination web = web();
    assertThat(count(web, 100)).hasSize(2);
    assertThat(
            backends.apply(
                ResourceFiles.empty()
                    .with(
                        Map.of(
                            "policy.yaml",
                            """
                            apiVersion: policy.culvert.dev/v1alpha1
                            kind: TrafficPolicy
                            metadata: {name: web, namespace: shop}
                            spec:
                              targetRefs: [{group: "", kind: Service, name: web}]
                              loadBalancing: {algorithm: RoundRobin}
                              outlierDetection:
                                consecutive5xxErrors: 1
                                baseEjectionTime: 1h
                                maxEjectionTime: 1h
                            """))))
        .isEmpty();
    assertThat(count(web, 100)).containsEntry("a", 50).containsEntry("b", 50);
    Target bad = pick(web, Request.FIRST);
    bad.usage().began();
    bad.usage().ended(Outcome.SERVER_ERROR);
    assertThat(count(web, 100)).hasSize(1).doesNotContainKey(bad.party().workload());
  }

  @Test
  void fartherRegionTakesOverWhenTheNearOneFails() {
    mesh.preference = new RoutingPreference(List.of(Scope.REGION), Mode.FAILOVER);
    mesh.serve(pod("near", "eu", 2, true), pod("far", "us", 3, true));
    backends.apply(
        ResourceFiles.empty()
            .with(
                Map.of(
                    "policy.yaml",
                    """
                    apiVersion: policy.culvert.dev/v1alpha1
                    kind: TrafficPolicy
                    metadata: {name: web, namespace: shop}
                    spec:
                      targetRefs: [{group: "", kind: Service, name: web}]
                      outlierDetection:
                        consecutive5xxErrors: 1
                        baseEjectionTime: 1h
                        maxEjectionTime: 1h
                    """)));
    Destination web = web();
    assertThat(count(web, 50)).containsOnlyKeys("near");
    Target near = pick(web, Request.FIRST);
    near.usage().began();
    near.usage().ended(Outcome.NO_ANSWER);
    assertThat(count(web, 50)).containsOnlyKeys("far");
  }

  @Test
  void furtherAttemptGoesElsewhere() {
    mesh.serve(pod("a", "eu", 2, true), pod("b", "eu", 3, true));
    Destination web = web();
    Target first = pick(web, Request.FIRST);
    for (int i = 0; i < 50; i++) {
      assertThat(pick(web, new Request(false, List.of(first))).address())
          .isNotEqualTo(first.address());
    }
  }

  @Test
  void serviceOrPortThatIsNotThereIsMissing() {
    mesh.serve(pod("a", "eu", 2, true));
    assertThat(backends.destination("shop", "web", 81).orElseThrow().next(Request.FIRST))
        .isInstanceOfSatisfying(Pick.None.class, none -> assertThat(none.missing()).isTrue());
    assertThat(backends.destination("shop", "other", 80).orElseThrow().next(Request.FIRST))
        .isInstanceOfSatisfying(Pick.None.class, none -> assertThat(none.missing()).isTrue());
  }

  @Test
  void ofAnotherWaypointTheRouterKnowsTheWay() {
    mesh.serve(pod("a", "eu", 2, true));
    mesh.waypoint =
        Optional.of(new GatewayAddress.ByIp("", InetAddress.ofLiteral("198.18.0.2"), 15008));
    Target through = pick(web(), Request.FIRST);
    assertThat(through.address()).as("what is asked of the waypoint").isEqualTo(VIP);
    assertThat(through.way().orElseThrow().tunnel())
        .isEqualTo(new InetSocketAddress(InetAddress.ofLiteral("198.18.0.2"), 15008));
  }
}
