// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import dev.culvert.policy.resource.PodResource;
import dev.culvert.policy.translate.MeshPolicies;
import dev.culvert.policy.translate.TranslationNotice;
import dev.culvert.policy.wire.discovery.Resource;
import java.util.Collection;
import java.util.stream.Stream;

/** The workloads and services of some namespaces. */
final class Addresses {
  private final Waypoints waypoints;
  private final Workloads workloads;
  private final EntryWorkloads entryWorkloads;
  private final Services services;
  private final EntryServices entryServices;

  Addresses(ResourceIndex index, MeshNames names, MeshPolicies policies) {
    Endpoints endpoints = Endpoints.of(index, names);
    NetworkGateways networks = index.surroundings().networks();
    WireWorkloads wire = new WireWorkloads(index, names, networks);
    waypoints = new Waypoints(index);
    workloads = new Workloads(index, endpoints, policies, waypoints, wire);
    entryWorkloads = new EntryWorkloads(index, endpoints, policies, waypoints, networks, wire);
    services = new Services(index, names, waypoints);
    entryServices = new EntryServices(index, names, waypoints);
  }

  /** Some of the pods, as workloads. */
  Stream<Resource> ofPods(Collection<PodResource> pods) {
    return workloads.ofPods(pods);
  }

  /** All that is no pod. */
  Stream<Resource> withoutPods() {
    return Stream.of(
            workloads.withoutPods(),
            entryWorkloads.resources(),
            services.resources(),
            entryServices.resources())
        .flatMap(each -> each);
  }

  /** What of that which was asked for has another effect than was meant. */
  Stream<TranslationNotice> notices() {
    return Stream.concat(waypoints.notices().stream(), entryServices.notices().stream());
  }
}
