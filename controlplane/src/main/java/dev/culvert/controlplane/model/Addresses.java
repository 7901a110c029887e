// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import dev.culvert.policy.translate.MeshPolicies;
import dev.culvert.policy.translate.TranslationNotice;
import dev.culvert.policy.wire.discovery.Resource;
import java.util.List;
import java.util.stream.Stream;

/** All workloads and services. */
final class Addresses {
  private final Waypoints waypoints;
  private final NetworkGateways gateways;
  private final EntryServices entryServices;
  private final List<Resource> resources;

  Addresses(ResourceIndex index, MeshNames names, MeshPolicies policies) {
    Endpoints endpoints = Endpoints.of(index, names);
    waypoints = new Waypoints(index, names);
    gateways = new NetworkGateways(index.gateways(), names.network());
    entryServices = new EntryServices(index, names, waypoints);
    WireWorkloads wire = new WireWorkloads(index, names, gateways);
    resources =
        Stream.of(
                new Workloads(index, endpoints, policies, waypoints, wire).resources(),
                new EntryWorkloads(index, endpoints, policies, waypoints, gateways, wire)
                    .resources(),
                new Services(index, names, waypoints).resources(),
                entryServices.resources())
            .flatMap(each -> each)
            .toList();
  }

  List<Resource> resources() {
    return resources;
  }

  /** What of them has another effect than was meant. */
  Stream<TranslationNotice> notices() {
    return Stream.of(
            waypoints.notices().stream(),
            gateways.notices().stream(),
            entryServices.notices().stream())
        .flatMap(each -> each);
  }
}
