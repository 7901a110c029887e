// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.enroll;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the source's pods name as theirs, looked up once: namespaces by cookie, at most one pod
 * each, and the pods that have none. Owns the namespaces it opened until they are taken.
 */
final class Claims implements AutoCloseable {
  private final Map<Long, DesiredPod> owners = new LinkedHashMap<>();
  private final Map<Long, NamespaceLookup.Found> opened = new LinkedHashMap<>();
  private final List<DesiredPod> missing = new ArrayList<>();
  private final List<DesiredPod> unknown = new ArrayList<>();
  private final Map<DesiredPod, String> notes = new LinkedHashMap<>();

  private Claims() {}

  /**
   * Looks every pod's namespace up, in the given order: of two pods that name the same, the first
   * has it.
   *
   * @param home the cookie of the node's own namespace, which no pod can have
   * @param cookies of namespaces that are held open, by inode
   */
  static Claims of(List<DesiredPod> pods, long home, Map<Long, Long> cookies) {
    Claims claims = new Claims();
    pods.forEach(pod -> claims.add(pod, home, cookies));
    return claims;
  }

  private void add(DesiredPod pod, long home, Map<Long, Long> cookies) {
    switch (NamespaceLookup.of(pod.netns(), cookies)) {
      case NamespaceLookup.Found found -> claim(pod, found, home);
      case NamespaceLookup.Missing none -> {
        missing.add(pod);
        notes.put(pod, none.reason());
      }
      case NamespaceLookup.Unknown failure -> {
        unknown.add(pod);
        notes.put(pod, failure.reason());
      }
    }
  }

  private void claim(DesiredPod pod, NamespaceLookup.Found found, long home) {
    DesiredPod owner = owners.get(found.cookie());
    if (found.cookie() == home || owner != null) {
      found.netns().close();
      String whose = owner == null ? "the node itself; use hostNetwork" : "pod " + owner.title();
      notes.put(pod, "%s is that of %s".formatted(pod.netns().orElseThrow(), whose));
      return;
    }
    owners.put(found.cookie(), pod);
    opened.put(found.cookie(), found);
  }

  Map<Long, DesiredPod> owners() {
    return owners;
  }

  Optional<DesiredPod> owner(long cookie) {
    return Optional.ofNullable(owners.get(cookie));
  }

  NamespaceLookup.Found found(long cookie) {
    return opened.get(cookie);
  }

  /** The namespace is somebody else's to close now. */
  void taken(long cookie) {
    opened.remove(cookie);
  }

  Optional<DesiredPod> missingOf(PodEnrolment enrolment) {
    return missing.stream().filter(enrolment::belongsTo).findFirst();
  }

  Optional<DesiredPod> unknownOf(PodEnrolment enrolment) {
    return unknown.stream().filter(enrolment::belongsTo).findFirst();
  }

  /** Why pods are not enrolled, as far as it is known. */
  Map<DesiredPod, String> notes() {
    return notes;
  }

  void note(DesiredPod pod, String reason) {
    notes.put(pod, reason);
  }

  @Override
  public void close() {
    opened.values().forEach(found -> found.netns().close());
  }
}
