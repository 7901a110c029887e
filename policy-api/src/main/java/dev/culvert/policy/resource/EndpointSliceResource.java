// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.List;
import java.util.Optional;

/**
 * Some of the endpoints of a service.
 *
 * @param addressType IPv4, IPv6 or FQDN; endpoints of type FQDN have no addresses here
 */
public record EndpointSliceResource(
    ObjectMeta metadata, String addressType, List<Endpoint> endpoints, List<EndpointPort> ports)
    implements Resource {

  /** The label that names the service. */
  public static final String SERVICE_LABEL = "kubernetes.io/service-name";

  public EndpointSliceResource {
    endpoints = List.copyOf(endpoints);
    ports = List.copyOf(ports);
  }

  @Override
  public String kind() {
    return "EndpointSlice";
  }

  /** The service in the same namespace that it belongs to, from its label. */
  public Optional<String> serviceName() {
    return metadata.label(SERVICE_LABEL);
  }
}
