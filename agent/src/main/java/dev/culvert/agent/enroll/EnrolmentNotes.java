// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.enroll;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Why pods are not what they are to be, as the last pass found it, and what they are. */
final class EnrolmentNotes {
  private static final Logger LOG = LoggerFactory.getLogger(EnrolmentNotes.class);

  private Map<String, String> notes = Map.of();

  /** Takes a pass's problems in place of the former; what is new is logged. */
  void report(Map<String, String> problems) {
    problems.forEach(
        (pod, note) -> {
          if (!note.equals(notes.get(pod))) {
            LOG.warn("pod {}: {}", pod, note);
          }
        });
    notes = new HashMap<>(problems);
  }

  /** Why a pod is not enrolled; empty when nothing is known. */
  String of(String pod) {
    return notes.getOrDefault(pod, "");
  }

  /** Every pod that is enrolled, or that should be. */
  List<PodStatus> status(Collection<PodEnrolment> enrolments) {
    List<PodStatus> all = new ArrayList<>();
    enrolments.forEach(each -> all.add(status(each)));
    notes.forEach(
        (pod, note) -> {
          if (all.stream().noneMatch(status -> status.pod().equals(pod))) {
            all.add(new PodStatus(pod, "", "waiting", false, Optional.empty(), "", note));
          }
        });
    return all;
  }

  private PodStatus status(PodEnrolment enrolment) {
    return new PodStatus(
        enrolment.title(),
        enrolment.pod().map(DesiredPod::uid).orElse(""),
        enrolment.wish() == Wish.SEALED ? "sealed" : enrolment.progress().text(),
        enrolment.isEnrolled(),
        Optional.of(enrolment.cookie()),
        enrolment.addresses().toString(),
        of(enrolment.title()));
  }
}
