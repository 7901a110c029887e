// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * A Gateway of the Gateway API ({@code gateway.networking.k8s.io}): a waypoint, or a door between
 * the mesh and the outside; its class says which.
 *
 * @param className the GatewayClass
 * @param listeners at least one, each with a name of its own
 * @param addresses those that it asks for
 * @param assigned those that it has, from its status
 * @param allowedListeners which namespaces may add listeners; empty for none
 */
public record GatewayResource(
    ObjectMeta metadata,
    String className,
    List<GatewayListener> listeners,
    List<Address> addresses,
    List<Address> assigned,
    GatewayInfrastructure infrastructure,
    GatewayTls tls,
    Optional<AllowedRoutes> allowedListeners)
    implements Resource {

  /** The label by which pods and services say which Gateway they were made for. */
  public static final String NAME_LABEL = "gateway.networking.k8s.io/gateway-name";

  /**
   * Where it is reached.
   *
   * @param type IPAddress, Hostname, or a type of somebody else's, which has a slash
   */
  public record Address(String type, String value) {
    /** The address, if it is of type IPAddress. */
    public Optional<InetAddress> ip() {
      return type.equals("IPAddress") ? Optional.of(Literals.ip(value)) : Optional.empty();
    }

    /** The host name, if it is of type Hostname. */
    public Optional<String> hostname() {
      return type.equals("Hostname") ? Optional.of(value) : Optional.empty();
    }
  }

  public GatewayResource {
    listeners = List.copyOf(listeners);
    addresses = List.copyOf(addresses);
    assigned = List.copyOf(assigned);
  }

  @Override
  public String kind() {
    return "Gateway";
  }

  /** The same with other listeners. */
  public GatewayResource with(List<GatewayListener> others) {
    return new GatewayResource(
        metadata, className, others, addresses, assigned, infrastructure, tls, allowedListeners);
  }

  /** What certificate clients of a listener must show; empty when none is asked for. */
  public Optional<ClientValidation> clientValidation(GatewayListener listener) {
    return listener
        .tls()
        .flatMap(ListenerTls::clientValidation)
        .or(() -> tls.clientValidation(listener.port()));
  }
}
