// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.report;

/**
 * How a pod stands to the mesh.
 *
 * @param redirected its new connections go through the proxy, or nowhere
 * @param annotated whether its annotation says that they do
 * @param leftAlone labels ask for it, and it cannot be
 * @param note why it is not in the mesh, and what to do; empty when there is nothing to say
 */
public record PodReport(
    String uid,
    String namespace,
    String name,
    boolean redirected,
    boolean annotated,
    boolean leftAlone,
    String note) {

  /** {@code NAMESPACE/NAME}. */
  public String title() {
    return namespace + "/" + name;
  }
}
