// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import static dev.culvert.policy.wire.workload.LoadBalancing.Scope.NETWORK;
import static dev.culvert.policy.wire.workload.LoadBalancing.Scope.NODE;
import static dev.culvert.policy.wire.workload.LoadBalancing.Scope.REGION;
import static dev.culvert.policy.wire.workload.LoadBalancing.Scope.ZONE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.wire.workload.LoadBalancing.Mode;
import dev.culvert.policy.wire.workload.LoadBalancing.Scope;
import dev.culvert.ztunnel.capture.TestWorkload;
import dev.culvert.ztunnel.xds.EndpointSet.Purpose;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EndpointSetTest {
  private static final String WEB = "shop/web.shop";
  private static final Place HERE = place("eu", "eu-1", "one");
  private static final InetAddress V4 = InetAddress.ofLiteral("198.18.100.1");
  private static final InetAddress V6 = InetAddress.ofLiteral("fd00:c01::100");

  private final RandomGenerator random = new Random(7);
  private final Workload client = at("client", HERE).at(ip(1), ip6(1)).build();

  @Test
  void drawnByCapacity() {
    EndpointSet set =
        set(Mode.UNSPECIFIED_MODE, List.of(), serving("a", 10), serving("b", 30), serving("c", 60));
    Map<String, Integer> drawn = draw(set, client, V4, 10_000);
    assertThat(drawn.get("a")).isBetween(850, 1_150);
    assertThat(drawn.get("b")).isBetween(2_750, 3_250);
    assertThat(drawn.get("c")).isBetween(5_750, 6_250);
  }

  @Test
  void equalOnesDrawnEqually() {
    EndpointSet set = set(Mode.UNSPECIFIED_MODE, List.of(), serving("a", 5), serving("b", 5));
    assertThat(draw(set, client, V4, 10_000).get("a")).isBetween(4_800, 5_200);
  }

  @Test
  void capacityOfZeroTakesNothing() {
    EndpointSet set = set(Mode.UNSPECIFIED_MODE, List.of(), serving("a", 0), serving("b", 1));
    assertThat(draw(set, client, V4, 100)).containsOnlyKeys("b");
    assertThat(draw(set(Mode.UNSPECIFIED_MODE, List.of(), serving("a", 0)), client, V4, 1))
        .isEmpty();
  }

  @Test
  void largestCapacitiesDoNotOverflow() {
    EndpointSet set =
        set(
            Mode.UNSPECIFIED_MODE,
            List.of(),
            serving("a", Integer.MAX_VALUE),
            serving("b", Integer.MAX_VALUE),
            serving("c", 1));
    assertThat(draw(set, client, V4, 100)).containsOnlyKeys("a", "b");
  }

  @Test
  void nearestRankThatThereIsIsTaken() {
    Workload zone = in("zone", place("eu", "eu-1", "two"));
    Workload region = in("region", place("eu", "eu-2", "three"));
    Workload far = in("far", place("us", "eu-1", "four"));
    List<Scope> scopes = List.of(NETWORK, REGION, ZONE);
    assertThat(draw(set(Mode.FAILOVER, scopes, zone, region, far), client, V4, 100))
        .containsOnlyKeys("zone");
    assertThat(draw(set(Mode.FAILOVER, scopes, region, far), client, V4, 100))
        .containsOnlyKeys("region");
    assertThat(draw(set(Mode.FAILOVER, scopes, far), client, V4, 100)).containsOnlyKeys("far");
  }

  @Test
  void scopesCountOnlyFromTheFirstOn() {
    Workload sameZoneName = in("same-zone-name", place("us", "eu-1", "four"));
    Workload other = in("other", place("us", "us-1", "five"));
    assertThat(
            draw(set(Mode.FAILOVER, List.of(REGION, ZONE), sameZoneName, other), client, V4, 100))
        .containsOnlyKeys("same-zone-name", "other");
  }

  @Test
  void strictTakesOnlyWhatSharesAll() {
    Workload near = in("near", HERE);
    Workload zone = in("zone", place("eu", "eu-1", "two"));
    assertThat(draw(set(Mode.STRICT, List.of(NODE), near, zone), client, V4, 100))
        .containsOnlyKeys("near");
    assertThat(draw(set(Mode.STRICT, List.of(NODE), zone), client, V4, 1)).isEmpty();
  }

  @Test
  void eachClientHasItsOwnNearest() {
    Workload eu = in("eu", place("eu", "eu-1", "two"));
    Workload us = in("us", place("us", "us-1", "three"));
    EndpointSet set = set(Mode.FAILOVER, List.of(REGION), eu, us);
    Workload american = at("american", place("us", "us-2", "four")).at(ip(2)).build();
    assertThat(draw(set, client, V4, 50)).containsOnlyKeys("eu");
    assertThat(draw(set, american, V4, 50)).containsOnlyKeys("us");
  }

  @Test
  void familyAskedForGoesFirst() {
    EndpointSet set =
        set(
            Mode.UNSPECIFIED_MODE,
            List.of(),
            at("v4", HERE).at(ip(4)).behind(WEB, new ServicePort(80, 8080)).build(),
            at("v6", HERE).at(ip6(6)).behind(WEB, new ServicePort(80, 8080)).build(),
            at("dual", HERE).at(ip6(7), ip(7)).behind(WEB, new ServicePort(80, 8080)).build());
    assertThat(draw(set, client, V4, 100)).containsOnlyKeys("v4", "dual");
    assertThat(draw(set, client, V6, 100)).containsOnlyKeys("v6", "dual");
    Optional<ServiceEndpoint> dual =
        set(
                Mode.UNSPECIFIED_MODE,
                List.of(),
                at("dual", HERE).at(ip6(7), ip(7)).behind(WEB, new ServicePort(80, 8080)).build())
            .draw(client, V4, 80, Purpose.APP, random);
    assertThat(dual.orElseThrow().target().orElseThrow().getAddress()).isEqualTo(ip(7));
  }

  @Test
  void otherFamilyOnlyWhereTheClientHasItToo() {
    EndpointSet set =
        set(
            Mode.UNSPECIFIED_MODE,
            List.of(),
            at("v6", HERE).at(ip6(6)).behind(WEB, new ServicePort(80, 8080)).build());
    assertThat(draw(set, client, V4, 10)).containsOnlyKeys("v6");
    Workload withoutV6 = at("old", HERE).at(ip(2)).build();
    assertThat(draw(set, withoutV6, V4, 1)).isEmpty();
  }

  @Test
  void endpointThatDoesNotServeThePortIsLeftOut() {
    Service named = service(Mode.UNSPECIFIED_MODE, List.of(), new ServicePort(80, 0));
    EndpointSet set =
        EndpointSet.of(
            named,
            List.of(
                at("without", HERE).at(ip(4)).behind(WEB).build(),
                at("with", HERE).at(ip(5)).behind(WEB, new ServicePort(80, 9090)).build()));
    assertThat(draw(set, client, V4, 50)).containsOnlyKeys("with");
  }

  @Test
  void unreadyTakenOnlyByServicesThatWantThem() {
    Workload unready =
        at("a", HERE).at(ip(4)).behind(WEB, new ServicePort(80, 9090)).unready().build();
    assertThat(draw(set(Mode.UNSPECIFIED_MODE, List.of(), unready), client, V4, 1)).isEmpty();
  }

  @Test
  void thousandEndpointsAreAllDrawn() {
    Workload[] all =
        IntStream.range(0, 1_000)
            .mapToObj(i -> serving("e" + i, 1 + i % 7))
            .toArray(Workload[]::new);
    assertThat(draw(set(Mode.UNSPECIFIED_MODE, List.of(), all), client, V4, 50_000)).hasSize(1_000);
  }

  private Map<String, Integer> draw(EndpointSet set, Workload from, InetAddress asked, int times) {
    Map<String, Integer> drawn = new HashMap<>();
    for (int i = 0; i < times; i++) {
      set.draw(from, asked, 80, Purpose.APP, random)
          .ifPresent(one -> drawn.merge(one.workload().name(), 1, Integer::sum));
    }
    return drawn;
  }

  private static EndpointSet set(Mode mode, List<Scope> scopes, Workload... members) {
    return EndpointSet.of(service(mode, scopes, new ServicePort(80, 8080)), List.of(members));
  }

  private static Service service(Mode mode, List<Scope> scopes, ServicePort port) {
    return new Service(
        "shop",
        "web",
        "web.shop",
        List.of(),
        List.of(port),
        List.of(),
        new RoutingPreference(scopes, mode),
        false,
        Optional.empty(),
        List.of(),
        false,
        false,
        false,
        Service.Families.ANY);
  }

  private static Workload serving(String name, int capacity) {
    return at(name, HERE)
        .at(ip(4))
        .behind(WEB, new ServicePort(80, 8080))
        .capacity(capacity)
        .build();
  }

  private static Workload in(String name, Place place) {
    return at(name, place).at(ip(4)).behind(WEB, new ServicePort(80, 8080)).build();
  }

  private static TestWorkload at(String name, Place place) {
    return new TestWorkload(name).place(place);
  }

  private static Place place(String region, String zone, String node) {
    return new Place("", "Kubernetes", region, zone, "", node);
  }

  private static InetAddress ip(int last) {
    return InetAddress.ofLiteral("198.18.0." + last);
  }

  private static InetAddress ip6(int last) {
    return InetAddress.ofLiteral("fd00:c01::" + last);
  }
}
