// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.provision;

import dev.culvert.controlplane.status.Condition;
import java.util.List;

/**
 * What a Gateway's status says of it.
 *
 * @param accepted whether it is one that can be made
 * @param programmed whether it takes connections
 * @param address its host name; empty for none
 */
record Verdict(Condition accepted, Condition programmed, String address) {
  static Verdict ready(String address, int replicas) {
    return new Verdict(
        accepted(true, "Accepted", "it is a waypoint of Culvert"),
        programmed(true, "Programmed", "%d replicas are ready".formatted(replicas)),
        address);
  }

  static Verdict pending(String address) {
    return new Verdict(
        accepted(true, "Accepted", "it is a waypoint of Culvert"),
        programmed(false, "Pending", "no replica is ready yet: see the Deployment of its name"),
        address);
  }

  /** What it asks for is no sense. */
  static Verdict invalid(String reason, String message) {
    return new Verdict(accepted(false, reason, message), programmed(false, "Invalid", message), "");
  }

  /** It makes sense, and cannot be had. */
  static Verdict failed(String reason, String message) {
    return new Verdict(
        accepted(true, "Accepted", "it is a waypoint of Culvert"),
        programmed(false, reason, message),
        "");
  }

  List<Condition> conditions() {
    return List.of(accepted, programmed);
  }

  private static Condition accepted(boolean holds, String reason, String message) {
    return new Condition("Accepted", holds, reason, message);
  }

  private static Condition programmed(boolean holds, String reason, String message) {
    return new Condition("Programmed", holds, reason, message);
  }
}
