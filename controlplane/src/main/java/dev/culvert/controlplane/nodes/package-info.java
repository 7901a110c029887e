// SPDX-License-Identifier: Apache-2.0
/**
 * Nodes that are new. Enters: nodes and the mesh's own pods, as the API server has them. Leaves:
 * nodes without the taint that kept pods away until the mesh was there.
 */
package dev.culvert.controlplane.nodes;
