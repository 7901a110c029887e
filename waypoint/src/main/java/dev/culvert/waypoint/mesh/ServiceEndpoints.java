// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.policy.traffic.Traffic;
import dev.culvert.waypoint.balance.Cluster;
import dev.culvert.waypoint.balance.Member;
import dev.culvert.waypoint.balance.Roster;
import dev.culvert.waypoint.plan.Asking;
import dev.culvert.waypoint.plan.BackendTls;
import dev.culvert.waypoint.plan.Pick;
import dev.culvert.waypoint.plan.Protocol;
import dev.culvert.waypoint.plan.Target;
import dev.culvert.ztunnel.route.Router;
import dev.culvert.ztunnel.xds.EndpointSet;
import dev.culvert.ztunnel.xds.Service;
import dev.culvert.ztunnel.xds.ServiceEndpoint;
import dev.culvert.ztunnel.xds.ServicePort;
import dev.culvert.ztunnel.xds.Workload;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints of a port of a service as this waypoint reaches them. Its roster is made anew when
 * they change, or how they are used; for each family of addresses there is one. Any thread.
 */
final class ServiceEndpoints {
  private final Router router;
  private final Cluster cluster;
  private final Optional<BackendTls> tls;
  private volatile @Nullable Seen v4;
  private volatile @Nullable Seen v6;

  /** A roster and what it was made of; null when the router chooses. */
  private record Seen(
      EndpointSet endpoints, Workload own, Traffic traffic, @Nullable Roster roster) {
    boolean isOf(EndpointSet other, Workload by, Traffic now) {
      return endpoints == other && own.equals(by) && traffic.equals(now);
    }
  }

  /**
   * @param tls how TLS is spoken to them; empty for not at all
   */
  ServiceEndpoints(Router router, Cluster cluster, Optional<BackendTls> tls) {
    this.router = router;
    this.cluster = cluster;
    this.tls = tls;
  }

  /** The endpoint of a request to the service's port. */
  Pick next(
      Workload own, Service service, ServicePort port, InetSocketAddress asked, Asking asking) {
    Optional<EndpointSet> endpoints = router.endpoints(own, service, asked);
    Roster roster = endpoints.isEmpty() ? null : roster(endpoints.get(), own, service, port, asked);
    Protocol protocol = Targets.protocol(port.protocol(), isHttp2(asking));
    return roster == null ? routed(own, service, asked, protocol) : roster.next(asking, protocol);
  }

  /** What a server speaks in TLS it says itself, and only what is known of it is offered. */
  private boolean isHttp2(Asking asking) {
    return tls.isEmpty() && asking.isHttp2();
  }

  private Pick routed(Workload own, Service service, InetSocketAddress asked, Protocol protocol) {
    Pick pick = Targets.of(router.toService(own, service, asked));
    return pick instanceof Target target ? target.in(protocol).within(tls) : pick;
  }

  private @Nullable Roster roster(
      EndpointSet endpoints,
      Workload own,
      Service service,
      ServicePort port,
      InetSocketAddress asked) {
    boolean isV4 = asked.getAddress() instanceof Inet4Address;
    Seen seen = isV4 ? v4 : v6;
    Traffic traffic = cluster.traffic();
    if (seen == null || !seen.isOf(endpoints, own, traffic)) {
      seen = new Seen(endpoints, own, traffic, make(endpoints, own, service, port, asked));
      if (isV4) {
        v4 = seen;
      } else {
        v6 = seen;
      }
    }
    return seen.roster;
  }

  /**
   * What is behind the gateway of another network is left to the router, which finds that gateway
   * anew for each request; so is the reason when there is nothing.
   */
  private @Nullable Roster make(
      EndpointSet endpoints,
      Workload own,
      Service service,
      ServicePort port,
      InetSocketAddress asked) {
    List<List<ServiceEndpoint>> tiers =
        endpoints.tiers(own, asked.getAddress(), asked.getPort(), EndpointSet.Purpose.APP);
    if (tiers.isEmpty() || tiers.getFirst().stream().anyMatch(one -> one.target().isEmpty())) {
      return null;
    }
    List<List<Member>> members =
        tiers.stream()
            .map(tier -> tier.stream().flatMap(one -> member(one, own, service, asked)).toList())
            .toList();
    return members.stream().allMatch(List::isEmpty)
        ? null
        : cluster.roster(members, Targets.protocol(port.protocol(), false));
  }

  private Stream<Member> member(
      ServiceEndpoint endpoint, Workload own, Service service, InetSocketAddress asked) {
    if (endpoint.target().isEmpty()) {
      return Stream.empty();
    }
    return Targets.of(router.toEndpoint(endpoint, own, asked, service)) instanceof Target target
        ? Stream.of(
            new Member(
                target.address(),
                target.way(),
                target.party(),
                endpoint.workload().capacity(),
                tls))
        : Stream.empty();
  }
}
