// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.report;

import java.util.List;

/** Somebody who is to know how the node's pods stand to the mesh. */
@FunctionalInterface
public interface PodReports {
  /** For a node without an API server, whose pods nobody else looks at. */
  PodReports NOBODY = _ -> {};

  /** How all pods of the node stand now; returns at once. On the thread of the passes. */
  void now(List<PodReport> pods);
}
