// SPDX-License-Identifier: Apache-2.0
/** How the mesh is, on this machine and on a cluster: read only. */
package dev.culvert.cli.status;
