// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.access;

import java.util.Optional;

/**
 * With a folder of YAML: tokens of the state folder. A waypoint's counts while its pod is there and
 * is one of a waypoint.
 */
public final class LocalCallers implements Callers {
  private final NodeTokens nodes;
  private final WaypointTokens waypoints;
  private final PodLookup pods;

  public LocalCallers(NodeTokens nodes, WaypointTokens waypoints, PodLookup pods) {
    this.nodes = nodes;
    this.waypoints = waypoints;
    this.pods = pods;
  }

  @Override
  public Caller caller(String token) throws RefusedCallerException {
    Optional<String> pod = waypoints.find(token);
    return pod.isPresent() ? waypoint(pod.get()) : nodes.caller(token);
  }

  private Caller waypoint(String name) throws RefusedCallerException {
    String namespace = name.substring(0, name.indexOf('/'));
    String pod = name.substring(namespace.length() + 1);
    RunningPod running =
        pods.find(namespace, pod, one -> one.waypoint().isPresent())
            .orElseThrow(
                () ->
                    RefusedCallerException.denied(
                        "pod %s of the token does not run, or is no pod of a waypoint or front door"
                            .formatted(name)));
    return new Caller.Waypoint(running.waypoint().orElseThrow(), pod, running.account());
  }
}
