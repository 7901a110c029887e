// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import dev.culvert.ztunnel.xds.MeshStore;
import dev.culvert.ztunnel.xds.Service;
import dev.culvert.ztunnel.xds.Service.Families;
import dev.culvert.ztunnel.xds.Workload;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What a name means to a pod: a service or a pod, by its full name, a short form or a wildcard, or
 * nothing the mesh knows. Any thread.
 */
final class MeshNames {
  /** RFC 1035 2.3.4, less the last dot and the first length. */
  private static final int LONGEST = 253;

  private static final String WILDCARD = "*";

  /**
   * What a name stands for.
   *
   * @param hostname the full name
   * @param addresses of both families; none where it exists but has no address here
   */
  record Found(String hostname, List<InetAddress> addresses) {}

  private final MeshStore mesh;
  private final Aliases aliases;
  private final String preferredNamespace;

  /**
   * @param clusterDomain for example {@code cluster.local}
   * @param preferredNamespace whose service a host name means that several have, none of them the
   *     pod's; or empty
   */
  MeshNames(MeshStore mesh, String clusterDomain, String preferredNamespace) {
    this.mesh = mesh;
    this.aliases = new Aliases(clusterDomain);
    this.preferredNamespace = preferredNamespace;
  }

  /**
   * What a name stands for.
   *
   * @param namespace of the pod that asks
   * @param name lower case, without the last dot
   * @return empty when the mesh does not know the name, or cannot tell its addresses
   */
  Optional<Found> lookUp(String namespace, String name) {
    if (name.isEmpty()) {
      return Optional.empty();
    }
    for (String alias : aliases.of(namespace, name)) {
      for (String host = alias; !host.isEmpty(); host = wider(host)) {
        Optional<Found> found = exact(namespace, host, alias);
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return Optional.empty();
  }

  /** The wildcard over the name: {@code a.b.c}, then {@code *.b.c}, then {@code *.c}, no more. */
  private static String wider(String host) {
    int dot = host.indexOf('.', host.startsWith(WILDCARD) ? WILDCARD.length() + 1 : 0);
    return dot < 0 ? "" : WILDCARD + host.substring(dot);
  }

  /**
   * @param alias how the name is told to the pod, which for a wildcard is not the host
   */
  private Optional<Found> exact(String namespace, String host, String alias) {
    if (alias.length() > LONGEST) {
      return Optional.empty();
    }
    Optional<Service> service = service(namespace, host);
    if (service.isPresent()) {
      return addresses(service.get()).map(addresses -> new Found(alias, addresses));
    }
    return mesh.workloadByHostname(host)
        .map(Workload::addresses)
        .filter(addresses -> !addresses.isEmpty())
        .map(addresses -> new Found(alias, addresses));
  }

  /** The one that is meant, of those in all namespaces that the pod may see. */
  private Optional<Service> service(String namespace, String host) {
    List<Service> all = mesh.servicesByHostname(host);
    return all.isEmpty()
        ? Optional.empty()
        : all.stream()
            .filter(service -> service.isVisibleTo(namespace))
            .min(
                Comparator.comparing((Service service) -> !service.namespace().equals(namespace))
                    .thenComparing(service -> !service.namespace().equals(preferredNamespace))
                    .thenComparing(service -> !service.canonical())
                    .thenComparing(Service::namespace));
  }

  /**
   * Its own; without any in any network those of its endpoints. What is not of Kubernetes and has
   * no address is resolved elsewhere, and so is a range of addresses.
   */
  private Optional<List<InetAddress>> addresses(Service service) {
    if (!service.headless()) {
      List<InetAddress> vips =
          service.vips().stream().filter(vip -> !vip.isRange()).map(Service.Vip::address).toList();
      return vips.isEmpty() && !service.vips().isEmpty() ? Optional.empty() : Optional.of(vips);
    }
    if (!aliases.isOfKubernetes(service.hostname())) {
      return Optional.empty();
    }
    return Optional.of(
        mesh.endpoints(service).all().stream()
            .filter(endpoint -> endpoint.network().equals(mesh.network()))
            .flatMap(endpoint -> endpoint.addresses().stream())
            .filter(address -> isOf(service.families(), address))
            .toList());
  }

  private static boolean isOf(Families families, InetAddress address) {
    return switch (families) {
      case ANY, DUAL -> true;
      case IPV4_ONLY -> address instanceof Inet4Address;
      case IPV6_ONLY -> !(address instanceof Inet4Address);
    };
  }
}
