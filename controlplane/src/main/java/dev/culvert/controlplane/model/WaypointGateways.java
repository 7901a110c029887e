// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import com.google.protobuf.ByteString;
import dev.culvert.policy.mesh.InboundBinding;
import dev.culvert.policy.mesh.WaypointName;
import dev.culvert.policy.mesh.WaypointScope;
import dev.culvert.policy.resource.AllowedRoutes;
import dev.culvert.policy.resource.GatewayListener;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.GatewayResource.Address;
import dev.culvert.policy.resource.NamespaceResource;
import dev.culvert.policy.resource.ObjectMeta;
import dev.culvert.policy.translate.TranslationNotice;
import dev.culvert.policy.wire.workload.GatewayAddress;
import dev.culvert.policy.wire.workload.NamespacedHostname;
import dev.culvert.policy.wire.workload.NetworkAddress;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The Gateways that are waypoints, and where they are reached. */
final class WaypointGateways {
  private static final String PROTOCOL = "HBONE";
  private static final int PORT = 15008;
  private static final String MANAGED_LABEL = "gateway.istio.io/managed";
  private static final String MANAGED_WAYPOINT = "istio.io-mesh-controller";

  private final MeshNames names;
  private final Map<WaypointName, GatewayResource> byName = new HashMap<>();
  private final Set<String> services = new HashSet<>();
  private final Set<WaypointName> known;

  WaypointGateways(List<GatewayResource> gateways, MeshNames names) {
    this.names = names;
    gateways.stream().filter(WaypointScope::isWaypoint).forEach(this::add);
    this.known = Set.copyOf(byName.keySet());
  }

  /** Labels and annotations that say nothing. */
  Stream<TranslationNotice> notices() {
    return Stream.concat(unknownScopes(), unreadBindings());
  }

  private Stream<TranslationNotice> unreadBindings() {
    return byName.values().stream()
        .flatMap(
            gateway ->
                InboundBinding.problem(gateway).stream()
                    .map(problem -> new TranslationNotice(gateway.key(), problem)));
  }

  private Stream<TranslationNotice> unknownScopes() {
    return byName.values().stream()
        .filter(gateway -> WaypointScope.known(gateway).isEmpty())
        .map(
            gateway ->
                new TranslationNotice(
                    gateway.key(),
                    "label %s is taken as all: write service, workload, all or none"
                        .formatted(WaypointScope.LABELS.getFirst())));
  }

  private void add(GatewayResource gateway) {
    ObjectMeta metadata = gateway.metadata();
    byName.put(new WaypointName(metadata.namespace(), metadata.name()), gateway);
    GatewayAddress address = address(gateway);
    if (address.hasHostname()) {
      services.add(metadata.namespace() + "/" + address.getHostname().getHostname());
    }
  }

  /** The waypoints there are. */
  Set<WaypointName> names() {
    return known;
  }

  Optional<GatewayResource> find(WaypointName name) {
    return Optional.ofNullable(byName.get(name));
  }

  /** Whether something was made for a waypoint; it has none itself. */
  boolean isPartOfOne(ObjectMeta metadata) {
    return metadata.label(MANAGED_LABEL).filter(MANAGED_WAYPOINT::equals).isPresent()
        || metadata
            .label(GatewayResource.NAME_LABEL)
            .filter(name -> byName.containsKey(new WaypointName(metadata.namespace(), name)))
            .isPresent();
  }

  /** How a pod that was made for a waypoint takes what the node's proxy carries to it. */
  Optional<InboundBinding> binding(ObjectMeta metadata) {
    return metadata
        .label(GatewayResource.NAME_LABEL)
        .map(name -> byName.get(new WaypointName(metadata.namespace(), name)))
        .flatMap(InboundBinding::of);
  }

  /** Whether a waypoint is reached by this service, which is named as on the wire. */
  boolean isServiceOfOne(String key) {
    return services.contains(key);
  }

  /** Whether what is in the namespace may use the waypoint. */
  static boolean allows(GatewayResource waypoint, NamespaceResource namespace) {
    String own = waypoint.metadata().namespace();
    return listener(waypoint)
        .map(GatewayListener::allowedRoutes)
        .orElse(AllowedRoutes.OWN_NAMESPACE)
        .allows(namespace, own);
  }

  private static Optional<GatewayListener> listener(GatewayResource waypoint) {
    return waypoint.listeners().stream()
        .filter(listener -> listener.protocol().equals(PROTOCOL))
        .findFirst();
  }

  /**
   * Where a waypoint is reached: at the addresses that it has, else at those that it asks for, else
   * at the service of its name. A host name goes before an address, as the service behind it may
   * have several.
   */
  GatewayAddress address(GatewayResource waypoint) {
    int port = listener(waypoint).map(GatewayListener::port).orElse(PORT);
    ObjectMeta metadata = waypoint.metadata();
    List<Address> known =
        waypoint.assigned().isEmpty() ? waypoint.addresses() : waypoint.assigned();
    Stream<GatewayAddress> byHost =
        known.stream()
            .flatMap(one -> one.hostname().stream())
            .map(host -> at(metadata.namespace(), host, port));
    Stream<GatewayAddress> byIp =
        known.stream().flatMap(one -> one.ip().stream()).map(ip -> at(ip, port));
    return Stream.concat(byHost, byIp)
        .findFirst()
        .orElseGet(
            () ->
                at(
                    metadata.namespace(),
                    names.hostname(metadata.namespace(), metadata.name()),
                    port));
  }

  /**
   * The address of a waypoint that cannot be had. Nothing has a name of the domain {@code invalid}
   * (RFC 2606), so proxies refuse what is to go there, and say this name.
   */
  static GatewayAddress nowhere(WaypointName waypoint) {
    String host = "%s.%s.invalid".formatted(waypoint.name(), waypoint.namespace());
    return at(waypoint.namespace(), host, PORT);
  }

  private static GatewayAddress at(String namespace, String host, int port) {
    return GatewayAddress.newBuilder()
        .setHostname(NamespacedHostname.newBuilder().setNamespace(namespace).setHostname(host))
        .setHboneMtlsPort(port)
        .build();
  }

  private GatewayAddress at(InetAddress ip, int port) {
    return GatewayAddress.newBuilder()
        .setAddress(
            NetworkAddress.newBuilder()
                .setNetwork(names.network())
                .setAddress(ByteString.copyFrom(ip.getAddress())))
        .setHboneMtlsPort(port)
        .build();
  }
}
