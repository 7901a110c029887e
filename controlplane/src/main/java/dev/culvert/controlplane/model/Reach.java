// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** How far changes reach: what must be translated anew. What is marked in vain costs time only. */
final class Reach {
  private final Map<String, Part> parts = new TreeMap<>();
  private boolean everything;

  /** What of one namespace. */
  static final class Part {
    private final Set<String> pods = new TreeSet<>();
    private boolean allPods;
    private boolean rest;

    /** Names of pods, some of which may not be there any more. */
    Set<String> pods() {
      return pods;
    }

    /** Whether it is all pods there are, and {@link #pods}. */
    boolean allPods() {
      return allPods;
    }

    /** Whether it is what is no pod. */
    boolean rest() {
      return rest;
    }
  }

  void pod(ObjectName pod) {
    part(pod.namespace()).pods.add(pod.name());
  }

  void rest(String namespace) {
    part(namespace).rest = true;
  }

  void all(String namespace) {
    part(namespace).rest = true;
    part(namespace).allPods = true;
  }

  void allPods(String namespace) {
    part(namespace).allPods = true;
  }

  void everything() {
    everything = true;
  }

  /** By namespace. */
  Map<String, Part> parts(Set<String> namespaces) {
    if (everything) {
      namespaces.forEach(this::all);
    }
    return parts;
  }

  private Part part(String namespace) {
    return parts.computeIfAbsent(namespace, _ -> new Part());
  }
}
