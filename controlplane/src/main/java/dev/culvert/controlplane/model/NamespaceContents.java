// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import dev.culvert.policy.resource.EndpointSliceResource;
import dev.culvert.policy.resource.PodResource;
import dev.culvert.policy.resource.ServiceEntryResource;
import dev.culvert.policy.resource.ServiceResource;
import dev.culvert.policy.resource.WorkloadEntryResource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** What is in one namespace, each kind by name. */
final class NamespaceContents {
  final NavigableMap<String, PodResource> pods = new TreeMap<>();
  final NavigableMap<String, ServiceResource> services = new TreeMap<>();
  final NavigableMap<String, EndpointSliceResource> slices = new TreeMap<>();
  final NavigableMap<String, ServiceEntryResource> serviceEntries = new TreeMap<>();
  final NavigableMap<String, WorkloadEntryResource> workloadEntries = new TreeMap<>();
  private final Map<String, NavigableMap<String, EndpointSliceResource>> slicesByService =
      new HashMap<>();

  Collection<EndpointSliceResource> slices(String service) {
    NavigableMap<String, EndpointSliceResource> own = slicesByService.get(service);
    return own == null ? List.of() : own.values();
  }

  void put(EndpointSliceResource slice) {
    remove(slice.metadata().name());
    slices.put(slice.metadata().name(), slice);
    slice
        .serviceName()
        .ifPresent(
            service ->
                slicesByService
                    .computeIfAbsent(service, _ -> new TreeMap<>())
                    .put(slice.metadata().name(), slice));
  }

  void remove(String slice) {
    EndpointSliceResource before = slices.remove(slice);
    if (before != null) {
      before
          .serviceName()
          .ifPresent(
              service ->
                  slicesByService.computeIfPresent(
                      service,
                      (_, own) -> {
                        own.remove(slice);
                        return own.isEmpty() ? null : own;
                      }));
    }
  }
}
