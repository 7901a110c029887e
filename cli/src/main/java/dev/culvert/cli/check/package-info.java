// SPDX-License-Identifier: Apache-2.0
/**
 * What stands in the way of the mesh, on this node and on a cluster: each finding with its remedy.
 */
package dev.culvert.cli.check;
