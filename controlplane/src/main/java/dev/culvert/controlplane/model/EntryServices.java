// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import dev.culvert.policy.resource.ServiceEntryResource;
import dev.culvert.policy.resource.ServiceEntryResource.Resolution;
import dev.culvert.policy.translate.TranslationNotice;
import dev.culvert.policy.wire.discovery.Resource;
import dev.culvert.policy.wire.workload.Service;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The hosts of service entries, each a service of its own. */
final class EntryServices {
  private static final String SPIFFE = "spiffe://";
  private final ResourceIndex index;
  private final MeshNames names;
  private final Waypoints waypoints;
  private final List<TranslationNotice> notices = new ArrayList<>();

  EntryServices(ResourceIndex index, MeshNames names, Waypoints waypoints) {
    this.index = index;
    this.names = names;
    this.waypoints = waypoints;
  }

  Stream<Resource> resources() {
    Set<String> taken = new HashSet<>();
    return index.serviceEntries().stream()
        .sorted(Hosts.OLDEST_FIRST)
        .flatMap(entry -> entry.hosts().stream().flatMap(host -> of(entry, host, taken)));
  }

  List<TranslationNotice> notices() {
    return notices;
  }

  /** On the wire there is one service of a name in a namespace: a Service, or the oldest entry. */
  private Stream<Resource> of(ServiceEntryResource entry, String host, Set<String> taken) {
    String key = entry.metadata().namespace() + "/" + host;
    boolean isService = isServiceOf(entry.metadata().namespace(), host);
    if (isService || !taken.add(key)) {
      String holder = isService ? "a Service" : "an older ServiceEntry";
      notices.add(
          new TranslationNotice(
              entry.key(),
              "host %s is not used: %s of its namespace has it already".formatted(host, holder)));
      return Stream.empty();
    }
    return Stream.of(resource(entry, host, key));
  }

  private boolean isCanonical(String host, ServiceEntryResource entry) {
    Surroundings mesh = index.surroundings();
    return mesh.isCanonical(host, entry) && !mesh.isServiceHost(host);
  }

  private boolean isServiceOf(String namespace, String host) {
    return index.surroundings().isServiceHost(host)
        && host.equals(names.hostname(namespace, host.substring(0, host.indexOf('.'))));
  }

  private Resource resource(ServiceEntryResource entry, String host, String key) {
    Service.Builder wire =
        Service.newBuilder()
            .setName(entry.metadata().name())
            .setNamespace(entry.metadata().namespace())
            .setHostname(host)
            .setCanonical(isCanonical(host, entry))
            .setVisibility(Visibilities.of(entry.exportTo(), entry.metadata().namespace()))
            .addAllPorts(Services.ports(entry.ports()))
            .addAllSubjectAltNames(identities(entry));
    boolean passes = entry.resolution() == Resolution.NONE && entry.workloadSelector().isEmpty();
    LoadBalancingRules.of(entry, passes, index.namespace(entry.metadata().namespace()).metadata())
        .ifPresent(wire::setLoadBalancing);
    waypoints
        .ofService(entry.key(), entry.metadata(), key)
        .ifPresent(one -> Services.bind(wire, one));
    return Services.resource(wire, names, entry.addresses(host));
  }

  /** Other names are of servers outside, whose TLS is the app's affair. */
  private static List<String> identities(ServiceEntryResource entry) {
    return entry.subjectAltNames().stream().filter(name -> name.startsWith(SPIFFE)).toList();
  }
}
