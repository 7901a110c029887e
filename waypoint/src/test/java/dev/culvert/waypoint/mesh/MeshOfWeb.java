// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.policy.authz.PolicyIndex;
import dev.culvert.policy.mesh.WaypointName;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.traffic.HealthCheck;
import dev.culvert.waypoint.balance.Clusters;
import dev.culvert.waypoint.balance.Prober;
import dev.culvert.waypoint.exchange.Refuse;
import dev.culvert.waypoint.plan.Asking;
import dev.culvert.waypoint.plan.Target;
import dev.culvert.waypoint.route.Authorizers;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;

/** A mesh of one service, and what is behind it. */
final class MeshOfWeb implements MeshState {
  /** Of routes whose filters have nobody decide. */
  static final Authorizers UNASKED = (_, _, _) -> new Refuse("nobody is asked here");

  static final InetSocketAddress VIP =
      new InetSocketAddress(InetAddress.ofLiteral("198.18.100.1"), 80);

  private static final String WAYPOINT = "way-1";

  private final List<Workload> workloads = new ArrayList<>();
  RoutingPreference preference = RoutingPreference.none();
  Optional<GatewayAddress> waypoint = Optional.empty();
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

  /** Its services as a waypoint has them. */
  MeshBackends backends() {
    Self self =
        new Self(
            new WaypointName("shop", "way"),
            "culvert-waypoint",
            WAYPOINT,
            SpiffeId.parse("spiffe://cluster.local/ns/shop/sa/way"));
    return new MeshBackends(
        this,
        new Router(this, workload -> Optional.empty(), new Random(7)),
        self,
        "cluster.local",
        new Clusters(new SimpleMeterRegistry(), new NoProber()));
  }

  static Workload pod(String name, String region, int number, boolean hbone) {
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

  /** A request to the service. */
  record Request(boolean isHttp2, List<Target> tried) implements Asking {
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
}
