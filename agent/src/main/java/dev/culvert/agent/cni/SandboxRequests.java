// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.cni;

import java.util.Set;

/** Carries out what the container runtime says of its sandboxes. Any thread; may block. */
public interface SandboxRequests {
  /**
   * Returns once the pod may start: it is in the mesh, or is known not to be of it.
   *
   * @throws CniException when it must not start yet
   */
  void add(Sandbox sandbox) throws CniException;

  /**
   * Returns when the pod is as it should be.
   *
   * @throws CniException when it is of the mesh and not in it
   */
  void check(Sandbox sandbox) throws CniException;

  /** The sandbox is gone; nothing happens when it was not known. */
  void delete(String containerId);

  /** Sandboxes that are not among these are gone, but for those that are being added. */
  void keepOnly(Set<String> containerIds);
}
