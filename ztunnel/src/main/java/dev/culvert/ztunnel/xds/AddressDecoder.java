// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import com.google.protobuf.ByteString;
import dev.culvert.policy.authz.PolicyKey;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.spiffe.TrustDomain;
import dev.culvert.policy.spiffe.TrustDomains;
import dev.culvert.policy.wire.workload.LoadBalancing;
import dev.culvert.policy.wire.workload.NetworkAddress;
import dev.culvert.policy.wire.workload.NetworkMode;
import dev.culvert.policy.wire.workload.Port;
import dev.culvert.policy.wire.workload.PortList;
import dev.culvert.policy.wire.workload.TunnelProtocol;
import dev.culvert.policy.wire.workload.Visibility;
import dev.culvert.policy.wire.workload.WorkloadStatus;
import dev.culvert.ztunnel.xds.Workload.Attribution;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Makes our records of the control plane's messages. Every method throws IllegalArgumentException,
 * or one of its kind, that names the field of a message it cannot take.
 */
final class AddressDecoder {
  private static final String DEFAULT_TRUST_DOMAIN = "cluster.local";
  private static final String DEFAULT_SERVICE_ACCOUNT = "default";
  private static final int HBONE_PORT = 15008;
  private static final int MAX_PORT = 65535;

  private final String network;
  private final TrustDomains domains;

  /**
   * @param network the own network: addresses of others mean something else
   */
  AddressDecoder(String network, TrustDomains domains) {
    this.network = network;
    this.domains = domains;
  }

  Workload workload(dev.culvert.policy.wire.workload.Workload wire) {
    return new Workload(
        present("uid", wire.getUid()),
        wire.getNamespace(),
        wire.getName(),
        domains.normalize(identity(wire)),
        wire.getAddressesList().stream().map(AddressDecoder::address).toList(),
        wire.getHostname(),
        place(wire),
        wire.getNetworkMode() == NetworkMode.HOST_NETWORK,
        wire.getTunnelProtocol() == TunnelProtocol.HBONE,
        wire.getStatus() == WorkloadStatus.HEALTHY,
        wire.hasCapacity() ? weight(wire.getCapacity().getValue()) : 1,
        wire.getAuthorizationPoliciesList().stream().map(PolicyKey::parse).toList(),
        services(wire.getServicesMap()),
        wire.hasWaypoint()
            ? Optional.of(gateway("waypoint", wire.getWaypoint()))
            : Optional.empty(),
        wire.hasNetworkGateway()
            ? Optional.of(gateway("network_gateway", wire.getNetworkGateway()))
            : Optional.empty(),
        wire.hasApplicationTunnel()
            ? Optional.of(applicationTunnel(wire.getApplicationTunnel()))
            : Optional.empty(),
        attribution(wire));
  }

  Service service(dev.culvert.policy.wire.workload.Service wire) {
    LoadBalancing balancing = wire.getLoadBalancing();
    return new Service(
        namespace(present("namespace", wire.getNamespace())),
        wire.getName(),
        present("hostname", wire.getHostname()),
        wire.getAddressesList().stream()
            .filter(address -> address.getNetwork().equals(network))
            .map(AddressDecoder::vip)
            .toList(),
        ports(wire.getPortsList()),
        wire.getSubjectAltNamesList().stream()
            .map(SpiffeId::parse)
            .map(domains::normalize)
            .toList(),
        RoutingPreference.of(balancing),
        balancing.getHealthPolicy() == LoadBalancing.HealthPolicy.ALLOW_ALL,
        wire.hasWaypoint()
            ? Optional.of(gateway("waypoint", wire.getWaypoint()))
            : Optional.empty(),
        wire.getWeightedWaypointsList().stream().map(AddressDecoder::weighted).toList(),
        wire.getCanonical(),
        wire.getVisibility() == Visibility.NAMESPACE,
        wire.getAddressesCount() == 0,
        switch (wire.getIpFamilies()) {
          case IPV4_ONLY -> Service.Families.IPV4_ONLY;
          case IPV6_ONLY -> Service.Families.IPV6_ONLY;
          case DUAL -> Service.Families.DUAL;
          case AUTOMATIC, UNRECOGNIZED -> Service.Families.ANY;
        });
  }

  private static WeightedWaypoint weighted(dev.culvert.policy.wire.workload.WeightedWaypoint wire) {
    return new WeightedWaypoint(
        gateway("weighted_waypoints", wire.getDestination()),
        Integer.toUnsignedLong(wire.getWeight()));
  }

  private static Place place(dev.culvert.policy.wire.workload.Workload wire) {
    return new Place(
        wire.getNetwork(),
        wire.getClusterId(),
        wire.getLocality().getRegion(),
        wire.getLocality().getZone(),
        wire.getLocality().getSubzone(),
        wire.getNode());
  }

  /** The wire's number has no sign. */
  private static int weight(int wire) {
    return wire < 0 ? Integer.MAX_VALUE : wire;
  }

  private static SpiffeId identity(dev.culvert.policy.wire.workload.Workload wire) {
    return SpiffeId.workload(
        new TrustDomain(orElse(wire.getTrustDomain(), DEFAULT_TRUST_DOMAIN)),
        wire.getNamespace(),
        orElse(wire.getServiceAccount(), DEFAULT_SERVICE_ACCOUNT));
  }

  private static Attribution attribution(dev.culvert.policy.wire.workload.Workload wire) {
    return new Attribution(
        wire.getCanonicalName(),
        wire.getCanonicalRevision(),
        switch (wire.getWorkloadType()) {
          case DEPLOYMENT, UNRECOGNIZED -> Workload.WorkloadType.DEPLOYMENT;
          case CRONJOB -> Workload.WorkloadType.CRONJOB;
          case POD -> Workload.WorkloadType.POD;
          case JOB -> Workload.WorkloadType.JOB;
        },
        wire.getWorkloadName(),
        wire.getClusterId(),
        wire.getLocality().getRegion(),
        wire.getLocality().getZone());
  }

  private static Map<String, List<ServicePort>> services(Map<String, PortList> wire) {
    Map<String, List<ServicePort>> services = new HashMap<>();
    wire.forEach((key, list) -> services.put(serviceKey(key), ports(list.getPortsList())));
    return services;
  }

  private static String serviceKey(String key) {
    int slash = key.indexOf('/');
    if (slash <= 0 || slash == key.length() - 1) {
      throw new IllegalArgumentException("services: '%s' is not NAMESPACE/HOSTNAME".formatted(key));
    }
    return key;
  }

  /** One with a slash would be another in the key of the service. */
  private static String namespace(String text) {
    if (text.indexOf('/') >= 0) {
      throw new IllegalArgumentException("namespace: '%s' has a slash".formatted(text));
    }
    return text;
  }

  private static List<ServicePort> ports(List<Port> wire) {
    return wire.stream().map(AddressDecoder::port).toList();
  }

  private static ServicePort port(Port wire) {
    return new ServicePort(
        inRange("service_port", wire.getServicePort(), 1),
        inRange("target_port", wire.getTargetPort(), 0),
        switch (wire.getAppProtocol()) {
          case HTTP11 -> AppProtocol.HTTP1;
          case HTTP2 -> AppProtocol.HTTP2;
          case GRPC -> AppProtocol.GRPC;
          case TCP -> AppProtocol.TCP;
          case TLS -> AppProtocol.TLS;
          case UNKNOWN, UNRECOGNIZED -> AppProtocol.UNKNOWN;
        });
  }

  private static GatewayAddress gateway(
      String field, dev.culvert.policy.wire.workload.GatewayAddress wire) {
    int port = inRange(field + ".hbone_mtls_port", wire.getHboneMtlsPort(), 0);
    int hbone = port == 0 ? HBONE_PORT : port;
    return switch (wire.getDestinationCase()) {
      case HOSTNAME ->
          new GatewayAddress.ByService(
              wire.getHostname().getNamespace(), wire.getHostname().getHostname(), hbone);
      case ADDRESS ->
          new GatewayAddress.ByIp(
              wire.getAddress().getNetwork(), address(wire.getAddress().getAddress()), hbone);
      // Without it traffic would go past the waypoint and its policy.
      case DESTINATION_NOT_SET ->
          throw new IllegalArgumentException(field + ": neither a hostname nor an address");
    };
  }

  private static ApplicationTunnel applicationTunnel(
      dev.culvert.policy.wire.workload.ApplicationTunnel wire) {
    int port = inRange("application_tunnel.port", wire.getPort(), 0);
    ApplicationTunnel.Protocol protocol =
        switch (wire.getProtocol()) {
          case NONE -> ApplicationTunnel.Protocol.NONE;
          case PROXY -> ApplicationTunnel.Protocol.PROXY;
          // Its app would take the first bytes of each connection for something else.
          case UNRECOGNIZED ->
              throw new IllegalArgumentException(
                  "application_tunnel.protocol: %d is none that is known"
                      .formatted(wire.getProtocolValue()));
        };
    return new ApplicationTunnel(protocol, port == 0 ? OptionalInt.empty() : OptionalInt.of(port));
  }

  private static Service.Vip vip(NetworkAddress wire) {
    InetAddress address = address(wire.getAddress());
    int bits = address.getAddress().length * Byte.SIZE;
    int length = wire.hasLength() ? wire.getLength() : bits;
    if (length < 0 || length > bits) {
      throw new IllegalArgumentException(
          "addresses: a prefix of %d bits for an address of %d".formatted(length, bits));
    }
    return new Service.Vip(address, length);
  }

  private static InetAddress address(ByteString bytes) {
    try {
      return InetAddress.getByAddress(bytes.toByteArray());
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(
          "addresses: %d bytes; an address has 4 or 16".formatted(bytes.size()), e);
    }
  }

  private static int inRange(String field, int port, int min) {
    if (port < min || port > MAX_PORT) {
      throw new IllegalArgumentException("%s: %d is no port".formatted(field, port));
    }
    return port;
  }

  private static String present(String field, String value) {
    if (value.isEmpty()) {
      throw new IllegalArgumentException(field + ": is empty");
    }
    return value;
  }

  private static String orElse(String value, String standard) {
    return value.isEmpty() ? standard : value;
  }
}
