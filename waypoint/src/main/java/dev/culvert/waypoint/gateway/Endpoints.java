// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.policy.resource.Endpoint;
import dev.culvert.policy.resource.EndpointPort;
import dev.culvert.policy.resource.EndpointSliceResource;
import dev.culvert.policy.resource.PodResource;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.Resources;
import dev.culvert.policy.resource.ServicePort;
import dev.culvert.policy.resource.ServiceResource;
import dev.culvert.waypoint.balance.Cluster;
import dev.culvert.waypoint.balance.Clusters;
import dev.culvert.waypoint.balance.Member;
import dev.culvert.waypoint.gateway.BackendTlsPolicies.Spoken;
import dev.culvert.waypoint.plan.BackendTls;
import dev.culvert.waypoint.plan.ClientKey;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.Pick;
import dev.culvert.waypoint.plan.Picker;
import dev.culvert.waypoint.plan.Protocol;
import dev.culvert.waypoint.plan.RouteTreatment;
import dev.culvert.waypoint.route.Backends;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** The endpoints behind services: those of their slices, else the pods that they select. */
final class Endpoints implements Backends {
  private final Resources files;
  private final Map<String, ServiceResource> services = new HashMap<>();
  private final List<EndpointSliceResource> slices;
  private final List<PodResource> pods;
  private final Map<String, Optional<Destination>> made = new HashMap<>();
  private final Clusters clusters;
  private final String shownBy;
  private final BackendTlsPolicies tls;

  Endpoints(Resources files, Clusters clusters, BackendTlsPolicies tls) {
    this(files, clusters, tls, "");
  }

  /**
   * @param shownBy whose certificate backends are shown, since they may like one and not another;
   *     empty when they are shown none
   */
  private Endpoints(Resources files, Clusters clusters, BackendTlsPolicies tls, String shownBy) {
    this.files = files;
    this.shownBy = shownBy;
    this.tls = tls;
    this.clusters = clusters;
    files
        .resources(ServiceResource.class)
        .forEach(one -> services.put(key(one.metadata().namespace(), one.metadata().name()), one));
    this.slices = files.resources(EndpointSliceResource.class).toList();
    this.pods = files.resources(PodResource.class).toList();
  }

  @Override
  public Optional<Destination> destination(String namespace, String name, int port) {
    return made.computeIfAbsent(
        key(namespace, name) + ":" + port, _ -> make(namespace, name, port));
  }

  @Override
  public RouteTreatment treatment(Resource route) {
    return clusters.treatment(route);
  }

  @Override
  public Backends showing(ResourceKey who, ClientKey key) {
    return key instanceof ClientKey.None
        ? this
        : new Endpoints(files, clusters, tls.showing(key), who.toString());
  }

  private Optional<Destination> make(String namespace, String name, int port) {
    return Optional.ofNullable(services.get(key(namespace, name)))
        .flatMap(
            service ->
                service.ports().stream()
                    .filter(one -> one.port() == port && one.protocol().equals("TCP"))
                    .findFirst()
                    .map(one -> new Destination(namespace, name, port, picker(service, one))));
  }

  private Picker picker(ServiceResource service, ServicePort port) {
    Protocol protocol = Protocol.of(port.appProtocol(), port.name());
    return switch (tls.of(service, port)) {
      case Spoken.Nothing(String problem) -> asking -> new Pick.None(true, problem);
      case Spoken.Tls(BackendTls with) ->
          endpoints(
              cluster(service, port, shownBy), members(service, port, Optional.of(with)), protocol);
      case Spoken.Plaintext() ->
          endpoints(cluster(service, port, ""), members(service, port, Optional.empty()), protocol);
    };
  }

  private Cluster cluster(ServiceResource service, ServicePort port, String by) {
    return clusters.of(service.metadata().namespace(), service.metadata().name(), port.port(), by);
  }

  private static Picker endpoints(Cluster cluster, List<Member> members, Protocol protocol) {
    return new FixedEndpoints(cluster, cluster.roster(List.of(members), protocol), protocol);
  }

  private List<Member> members(
      ServiceResource service, ServicePort port, Optional<BackendTls> with) {
    Set<InetSocketAddress> addresses = new LinkedHashSet<>();
    List<EndpointSliceResource> own = slices.stream().filter(s -> isOf(s, service)).toList();
    own.forEach(slice -> addAddresses(slice, port, addresses));
    if (own.isEmpty()) {
      pods.stream()
          .filter(pod -> service.selects(pod) && pod.ready() && !pod.terminating())
          .forEach(pod -> addAddresses(pod, port, addresses));
    }
    return addresses.stream().map(one -> new Member(one, with)).toList();
  }

  private static boolean isOf(EndpointSliceResource slice, ServiceResource service) {
    return slice.metadata().namespace().equals(service.metadata().namespace())
        && slice.serviceName().filter(service.metadata().name()::equals).isPresent();
  }

  private static void addAddresses(
      EndpointSliceResource slice, ServicePort port, Set<InetSocketAddress> addresses) {
    for (EndpointPort served : slice.ports()) {
      if (served.name().equals(port.name()) && served.protocol().equals("TCP")) {
        for (Endpoint endpoint : slice.endpoints()) {
          if (endpoint.ready()) {
            endpoint
                .addresses()
                .forEach(ip -> addresses.add(new InetSocketAddress(ip, served.port())));
          }
        }
      }
    }
  }

  private static void addAddresses(
      PodResource pod, ServicePort port, Set<InetSocketAddress> addresses) {
    OptionalInt target = port.targetPort(pod);
    if (target.isPresent() && !pod.podIps().isEmpty()) {
      addresses.add(new InetSocketAddress(pod.podIps().getFirst(), target.getAsInt()));
    }
  }

  private static String key(String namespace, String name) {
    return namespace + "/" + name;
  }
}
