// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import static dev.culvert.waypoint.mesh.MeshOfWeb.VIP;
import static dev.culvert.waypoint.mesh.MeshOfWeb.pod;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.resource.ResourceFiles;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.wire.workload.LoadBalancing.Mode;
import dev.culvert.policy.wire.workload.LoadBalancing.Scope;
import dev.culvert.waypoint.mesh.MeshOfWeb.Request;
import dev.culvert.waypoint.plan.Asking;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.Pick;
import dev.culvert.waypoint.plan.Protocol;
import dev.culvert.waypoint.plan.Target;
import dev.culvert.waypoint.plan.Usage.Outcome;
import dev.culvert.ztunnel.xds.GatewayAddress;
import dev.culvert.ztunnel.xds.RoutingPreference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which endpoints of the mesh a waypoint sends requests to. */
final class ServiceEndpointsTest {
  private final MeshOfWeb mesh = new MeshOfWeb();
  private final MeshBackends backends = mesh.backends();

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
