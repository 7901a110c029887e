// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import dev.culvert.policy.resource.PodResource;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.translate.MeshPolicies;
import dev.culvert.policy.translate.TranslationNotice;
import dev.culvert.policy.wire.discovery.Resource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** What follows from the resources of one namespace, as it was last translated. */
final class NamespaceModel {
  private final String name;
  private final MeshStore store;
  private final MeshNames names;
  private final Map<ResourceKey, Set<TranslationNotice>> podNotices = new HashMap<>();
  private List<TranslationNotice> restNotices = List.of();
  private Set<String> rest = Set.of();

  NamespaceModel(String name, MeshStore store, MeshNames names) {
    this.name = name;
    this.store = store;
    this.names = names;
  }

  /**
   * Translates a part anew.
   *
   * @param changed takes what is there
   * @param gone takes the names of what may not be there any more
   */
  void translate(Reach.Part part, MeshPolicies policies, List<Resource> changed, Set<String> gone) {
    if (part.rest()) {
      rest(policies, changed, gone);
    }
    Set<String> pods = new TreeSet<>(part.pods());
    if (part.allPods()) {
      podNotices.clear();
      pods.addAll(store.contents(name).pods.keySet());
    }
    if (!pods.isEmpty()) {
      pods(pods, policies, changed, gone);
    }
  }

  Stream<TranslationNotice> notices() {
    return Stream.concat(restNotices.stream(), podNotices.values().stream().flatMap(Set::stream));
  }

  private void rest(MeshPolicies policies, List<Resource> changed, Set<String> gone) {
    Addresses addresses = new Addresses(store.index(Set.of(name)), names, policies);
    List<Resource> now = addresses.withoutPods().toList();
    gone.addAll(rest);
    rest = new HashSet<>();
    now.forEach(resource -> rest.add(resource.getName()));
    changed.addAll(now);
    restNotices = addresses.notices().toList();
  }

  private void pods(
      Set<String> wanted, MeshPolicies policies, List<Resource> changed, Set<String> gone) {
    List<PodResource> pods = new ArrayList<>();
    for (String pod : wanted) {
      gone.add(names.podUid(name, pod));
      PodResource there = store.contents(name).pods.get(pod);
      if (there != null) {
        pods.add(there);
      }
    }
    Addresses addresses = new Addresses(store.index(around(pods)), names, policies);
    changed.addAll(addresses.ofPods(pods).toList());
    keep(wanted, addresses.notices().toList());
  }

  /** An address of a pod may be an endpoint of another namespace too. */
  private Set<String> around(Collection<PodResource> pods) {
    Set<String> around = new HashSet<>(Set.of(name));
    for (PodResource pod : pods) {
      PodAddresses.ownAddresses(pod).forEach(ip -> around.addAll(store.endpointAddresses.of(ip)));
    }
    return around;
  }

  private void keep(Set<String> pods, List<TranslationNotice> notices) {
    pods.forEach(pod -> podNotices.remove(new ResourceKey("Pod", name, pod)));
    for (TranslationNotice notice : notices) {
      podNotices.computeIfAbsent(notice.policy(), _ -> new LinkedHashSet<>()).add(notice);
    }
  }
}
