// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.provision;

import dev.culvert.policy.mesh.FrontDoor;
import dev.culvert.policy.resource.GatewayListener;
import dev.culvert.policy.resource.GatewayResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** A front door: reached from outside, at the ports of its listeners. */
record DoorShape() implements Shape {
  private static final String TYPE = "serviceType";
  private static final String TRAFFIC = "externalTrafficPolicy";
  private static final String LOAD_BALANCER = "LoadBalancer";
  private static final String CLUSTER_IP = "ClusterIP";
  private static final Set<String> PROTOCOLS = Set.of("HTTP", "HTTPS", "TLS", "TCP");
  private static final Set<String> TYPES = Set.of(LOAD_BALANCER, "NodePort", CLUSTER_IP);
  private static final Set<String> TRAFFICS = Set.of("Cluster", "Local");

  @Override
  public String className() {
    return FrontDoor.CLASS;
  }

  @Override
  public String controller() {
    return "culvert.dev/gateway-controller";
  }

  @Override
  public List<String> features() {
    return Features.OF_DOORS;
  }

  @Override
  public String what() {
    return "a front door";
  }

  @Override
  public String template() {
    return "gateway.yaml";
  }

  @Override
  public Set<String> keys() {
    return Set.of(TYPE, TRAFFIC);
  }

  @Override
  public Optional<Verdict> refusal(GatewayResource gateway, Map<String, String> parameters) {
    return wrong(parameters, TYPE, LOAD_BALANCER, TYPES)
        .or(() -> wrong(parameters, TRAFFIC, "Cluster", TRAFFICS))
        .or(() -> wrong(gateway));
  }

  private static Optional<Verdict> wrong(
      Map<String, String> parameters, String key, String standard, Set<String> known) {
    String written = parameters.getOrDefault(key, standard);
    return known.contains(written)
        ? Optional.empty()
        : Optional.of(
            Verdict.invalid(
                "InvalidParameters",
                "%s is '%s': write one of %s"
                    .formatted(key, written, String.join(", ", new TreeSet<>(known)))));
  }

  private static Optional<Verdict> wrong(GatewayResource gateway) {
    Optional<Verdict> addresses = AskedAddresses.of(gateway).refusal();
    if (addresses.isPresent()) {
      return addresses;
    }
    Set<Integer> ports = ports(gateway).keySet();
    if (indistinct(gateway).size() == gateway.listeners().size()) {
      return Optional.of(
          Verdict.invalid(
              "ListenersNotValid",
              "none of its listeners can be served: write one of protocol HTTP, HTTPS, TLS or TCP,"
                  + " that has a port or a host name of its own"));
    }
    return ports.contains(FrontDoor.STATS_PORT)
        ? Optional.of(
            Verdict.invalid(
                "ListenersNotValid",
                "port %d is where its pods tell metrics and readiness: take another"
                    .formatted(FrontDoor.STATS_PORT)))
        : Optional.empty();
  }

  @Override
  public List<String> unserved(GatewayResource gateway) {
    return indistinct(gateway);
  }

  private static List<String> indistinct(GatewayResource gateway) {
    List<GatewayListener> known = gateway.listeners().stream().filter(DoorShape::isServed).toList();
    return gateway.listeners().stream()
        .filter(
            one ->
                !isServed(one)
                    || known.stream()
                        .filter(other -> !other.name().equals(one.name()))
                        .anyMatch(other -> one.conflict(other).isPresent()))
        .map(GatewayListener::name)
        .toList();
  }

  private static boolean isServed(GatewayListener listener) {
    return PROTOCOLS.contains(listener.protocol())
        && !(listener.protocol().equals("TLS") && listener.tls().isEmpty());
  }

  /** Those that can be opened, with the protocol of the first listener that wants each. */
  private static SortedMap<Integer, String> ports(GatewayResource gateway) {
    SortedMap<Integer, String> ports = new TreeMap<>();
    for (GatewayListener listener : gateway.listeners()) {
      if (PROTOCOLS.contains(listener.protocol())) {
        ports.putIfAbsent(listener.port(), listener.protocol());
      }
    }
    return ports;
  }

  @Override
  public void service(
      Map<String, Object> spec, GatewayResource gateway, Map<String, String> parameters) {
    String type = parameters.getOrDefault(TYPE, LOAD_BALANCER);
    spec.put("type", type);
    if (parameters.containsKey(TRAFFIC) && !type.equals(CLUSTER_IP)) {
      spec.put(TRAFFIC, parameters.get(TRAFFIC));
    }
    asked(gateway).ask(spec, type.equals(LOAD_BALANCER));
    List<Map<String, Object>> ports = new ArrayList<>();
    ports(gateway)
        .forEach(
            (port, protocol) ->
                ports.add(
                    Map.of(
                        "name",
                        name(protocol, port),
                        "protocol",
                        "TCP",
                        "port",
                        port,
                        "targetPort",
                        port)));
    spec.put("ports", ports);
  }

  private static String name(String protocol, int port) {
    return protocol.toLowerCase(Locale.ROOT) + "-" + port;
  }

  /**
   * Ports of listeners are not named: pods open them as they are told, and need not be new ones.
   */
  @Override
  public void container(
      Map<String, Object> container, GatewayResource gateway, Map<String, String> environment) {
    environment.put("GATEWAY", gateway.metadata().namespace() + "/" + gateway.metadata().name());
    environment.put("DRAIN_DEADLINE", "25s");
  }

  @Override
  public AskedAddresses asked(GatewayResource gateway) {
    return AskedAddresses.of(gateway);
  }

  @Override
  public List<GatewayResource.Address> addresses(
      GenericKubernetesResource service, String hostname) {
    if (!LOAD_BALANCER.equals(service.get("spec", "type"))) {
      List<GatewayResource.Address> external = external(service);
      return external.isEmpty()
          ? List.of(new GatewayResource.Address("Hostname", hostname))
          : external;
    }
    List<GatewayResource.Address> addresses = new ArrayList<>();
    if (service.get("status", "loadBalancer", "ingress") instanceof List<?> ingress) {
      for (Object one : ingress) {
        if (one instanceof Map<?, ?> given) {
          add(given.get("ip"), "IPAddress", addresses);
          add(given.get("hostname"), "Hostname", addresses);
        }
      }
    }
    return addresses;
  }

  private static List<GatewayResource.Address> external(GenericKubernetesResource service) {
    List<GatewayResource.Address> addresses = new ArrayList<>();
    if (service.get("spec", "externalIPs") instanceof List<?> external) {
      external.forEach(ip -> add(ip, "IPAddress", addresses));
    }
    return addresses;
  }

  private static void add(Object value, String type, List<GatewayResource.Address> addresses) {
    if (value instanceof String text && !text.isEmpty()) {
      addresses.add(new GatewayResource.Address(type, text));
    }
  }
}
