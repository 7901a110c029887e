// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.ztunnel.capture.TestWorkload;
import dev.culvert.ztunnel.capture.TestWorkloads;
import dev.culvert.ztunnel.xds.GatewayAddress;
import dev.culvert.ztunnel.xds.RoutingPreference;
import dev.culvert.ztunnel.xds.Service;
import dev.culvert.ztunnel.xds.ServicePort;
import dev.culvert.ztunnel.xds.WeightedWaypoint;
import dev.culvert.ztunnel.xds.Workload;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What goes through a waypoint, and what its waypoint sends on. */
final class WaypointRoutesTest extends RouterCase {
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
}
