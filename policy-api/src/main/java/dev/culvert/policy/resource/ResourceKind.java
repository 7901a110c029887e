// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A kind of one API group that means something to the mesh. Policies have two, in groups of their
 * own.
 *
 * @param group empty for the core group
 * @param versions those that are read, in Kubernetes' order: the one to prefer first
 */
public record ResourceKind(String group, String name, List<String> versions, boolean namespaced) {
  private static final String OWN_GROUPS = "culvert.dev";
  private static final List<ResourceKind> ALL =
      Kind.all().stream().flatMap(ResourceKind::ofGroups).toList();

  public ResourceKind {
    versions = List.copyOf(versions);
  }

  /** Every kind that is read; one that comes to be read is among them by itself. */
  public static List<ResourceKind> all() {
    return ALL;
  }

  /** As objects write it. */
  public String apiVersion(String version) {
    return group.isEmpty() ? version : group + "/" + version;
  }

  /** Of two objects of one kind and name that of the lower rank counts: our own before Istio's. */
  public int rank() {
    return group.endsWith(OWN_GROUPS) ? 0 : 1;
  }

  /** {@code KIND.GROUP}, as kubectl takes it. */
  @Override
  public String toString() {
    return group.isEmpty() ? name : name + "." + group;
  }

  private static Stream<ResourceKind> ofGroups(Kind kind) {
    return kind.apiVersions().stream()
        .collect(Collectors.groupingBy(Kind::group, TreeMap::new, Collectors.toList()))
        .entrySet()
        .stream()
        .map(
            group ->
                new ResourceKind(
                    group.getKey(), kind.name(), versions(group.getValue()), kind.namespaced()));
  }

  private static List<String> versions(List<String> apiVersions) {
    return apiVersions.stream()
        .map(apiVersion -> apiVersion.substring(apiVersion.indexOf('/') + 1))
        .sorted(Comparator.comparing(VersionPriority::of))
        .toList();
  }
}
