// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import dev.culvert.ztunnel.xds.ApplicationTunnel;
import dev.culvert.ztunnel.xds.GatewayAddress;
import dev.culvert.ztunnel.xds.Place;
import dev.culvert.ztunnel.xds.ServicePort;
import dev.culvert.ztunnel.xds.Workload;
import dev.culvert.ztunnel.xds.Workload.Attribution;
import dev.culvert.ztunnel.xds.Workload.WorkloadType;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A workload of namespace shop to describe; a healthy pod that takes tunnels, unless told. */
public final class TestWorkload {
  private final String name;
  private final Map<String, List<ServicePort>> services = new HashMap<>();
  private List<InetAddress> addresses = List.of();
  private Place place = new Place("", "Kubernetes", "", "", "", "two");
  private String hostname = "";
  private boolean hbone = true;
  private boolean healthy = true;
  private int capacity = 1;
  private Optional<GatewayAddress> waypoint = Optional.empty();
  private Optional<GatewayAddress> gateway = Optional.empty();
  private Optional<ApplicationTunnel> applicationTunnel = Optional.empty();

  public TestWorkload(String name) {
    this.name = name;
  }

  public TestWorkload at(InetAddress... own) {
    addresses = List.of(own);
    return this;
  }

  public TestWorkload on(String node) {
    return place(new Place("", "Kubernetes", "", "", "", node));
  }

  public TestWorkload in(String network) {
    return place(new Place(network, "far", "", "", "", ""));
  }

  public TestWorkload place(Place where) {
    place = where;
    return this;
  }

  public TestWorkload named(String host) {
    hostname = host;
    return this;
  }

  public TestWorkload plain() {
    hbone = false;
    return this;
  }

  public TestWorkload unready() {
    healthy = false;
    return this;
  }

  public TestWorkload capacity(int weight) {
    capacity = weight;
    return this;
  }

  public TestWorkload behind(String service, ServicePort... ports) {
    services.put(service, List.of(ports));
    return this;
  }

  public TestWorkload waypoint(GatewayAddress address) {
    waypoint = Optional.of(address);
    return this;
  }

  public TestWorkload gateway(GatewayAddress address) {
    gateway = Optional.of(address);
    return this;
  }

  public TestWorkload told(ApplicationTunnel tunnel) {
    applicationTunnel = Optional.of(tunnel);
    return this;
  }

  public Workload build() {
    return new Workload(
        place.cluster() + "//Pod/shop/" + name,
        "shop",
        name,
        TestWorkloads.identity(name),
        addresses,
        hostname,
        place,
        false,
        hbone,
        healthy,
        capacity,
        List.of(),
        services,
        waypoint,
        gateway,
        applicationTunnel,
        new Attribution(name, "v1", WorkloadType.DEPLOYMENT, name, place.cluster(), "", ""));
  }
}
