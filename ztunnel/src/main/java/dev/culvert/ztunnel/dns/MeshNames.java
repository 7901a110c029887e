// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import dev.culvert.ztunnel.xds.MeshStore;
import dev.culvert.ztunnel.xds.Service;
import dev.culvert.ztunnel.xds.Workload;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a name means to a pod: a service or a pod, by its full name or one of the short forms that
 * Kubernetes' search domains allow, or nothing the mesh knows. Any thread.
 */
final class MeshNames {
  private static final String SVC = "svc";

  /**
   * What a name stands for.
   *
   * @param hostname the full name
   * @param addresses of both families, at least one
   */
  record Found(String hostname, List<InetAddress> addresses) {}

  private final MeshStore mesh;
  private final String clusterDomain;

  /**
   * @param clusterDomain for example {@code cluster.local}
   */
  MeshNames(MeshStore mesh, String clusterDomain) {
    this.mesh = mesh;
    this.clusterDomain = clusterDomain;
  }

  /**
   * What a name stands for.
   *
   * @param namespace of the pod that asks
   * @param name lower case, without the last dot
   * @return empty when the mesh does not know the name, or knows no address of it
   */
  Optional<Found> lookUp(String namespace, String name) {
    for (String hostname : hostnames(namespace, name)) {
      Optional<List<InetAddress>> addresses = exact(namespace, hostname);
      if (addresses.isPresent()) {
        return Optional.of(new Found(hostname, addresses.get()));
      }
    }
    return Optional.empty();
  }

  /** The full names it can mean, the most literal first. */
  private List<String> hostnames(String namespace, String name) {
    List<String> all = new ArrayList<>();
    all.add(full(namespace, name));
    String services = SVC + "." + clusterDomain;
    for (String domain : List.of(namespace + "." + services, services, clusterDomain)) {
      if (name.endsWith("." + domain)) {
        all.add(full(namespace, name.substring(0, name.length() - domain.length() - 1)));
      }
    }
    return all;
  }

  private String full(String namespace, String name) {
    String[] labels = name.split("\\.", -1);
    return switch (labels.length) {
      case 1 -> "%s.%s.%s.%s".formatted(name, namespace, SVC, clusterDomain);
      case 2 -> "%s.%s.%s".formatted(name, SVC, clusterDomain);
      case 3 -> labels[2].equals(SVC) ? name + "." + clusterDomain : name;
      default -> name;
    };
  }

  private Optional<List<InetAddress>> exact(String namespace, String hostname) {
    return service(namespace, hostname)
        .map(this::addresses)
        .or(() -> mesh.workloadByHostname(hostname).map(Workload::addresses))
        .filter(addresses -> !addresses.isEmpty());
  }

  private Optional<Service> service(String namespace, String hostname) {
    Optional<Service> own = mesh.serviceByHostname(namespace, hostname);
    return own.or(() -> mesh.servicesByHostname(hostname).stream().findFirst());
  }

  /** Its own, or without any those of its endpoints. */
  private List<InetAddress> addresses(Service service) {
    List<InetAddress> vips = service.vips().stream().map(Service.Vip::address).toList();
    return vips.isEmpty()
        ? mesh.endpoints(service).all().stream()
            .filter(w -> w.network().equals(mesh.network()))
            .flatMap(w -> w.addresses().stream())
            .toList()
        : vips;
  }
}
